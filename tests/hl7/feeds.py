"""ADT messages of made-up patients, and a FHIR server after them. All data are synthetic."""

from collections.abc import Mapping
from datetime import UTC, datetime

from wherry.hl7.message import Message
from wherry.landing import Landed, land
from wherry.resource import Resource
from wherry.testing.fhir import FakeFhir
from wherry.testing.hl7 import message, segment
from wherry_hl7.translate import DEFAULT, translate

RECEIVED_AT = datetime(2026, 1, 5, 18, tzinfo=UTC)
A, B, C = (f"{name}^^^NORTH^MR" for name in ("7700001", "7700002", "7700003"))


def at(hour: int) -> str:
    return f"2026-01-05T{hour:02}:00:00+00:00"


def adt(event: str, hour: int, *segments: str) -> bytes:
    time = f"20260105{hour:02}0000+0000"
    return message(
        segment("EVN", {2: time}),
        *segments,
        kind=f"ADT^{event}",
        time=time,
        control_id=f"{event}-{hour}",
        application="ADTSYS",
    )


def pid(number: str = A, **more: str) -> str:
    return segment("PID", {3: number, **{int(n[1:]): text for n, text in more.items()}})


def pv1(fields: Mapping[int, str] | None = None, visit: str = "V1") -> str:
    return segment("PV1", {2: "I", 19: f"{visit}^^^NORTH", **(fields or {})})


def stored(*bodies: bytes, fhir: FakeFhir | None = None) -> FakeFhir:
    fhir = fhir or FakeFhir()
    for body in bodies:
        made = translate(Message.parse(body), sender=DEFAULT, received_at=RECEIVED_AT)
        (landed,) = land([made], fhir)
        assert isinstance(landed, Landed)
    return fhir


def named(fhir: FakeFhir, value: str) -> Resource:
    (found,) = [
        one
        for one in fhir.all("Patient")
        if any(i["value"] == value and i.get("use") != "old" for i in one["identifier"])
    ]
    return found
