"""An event in a person's stay becomes the HL7 v2.5.1 message that reports it."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from wherry.suite.demo.courses import Measured
from wherry.suite.demo.history import Coded
from wherry.suite.demo.roster import AUTHORITY, FACILITY, Person

WARDS = ("MEDICINE", "SURGERY", "CARDIOLOGY", "NEUROLOGY")


@dataclass(frozen=True, slots=True)
class Envelope:
    """What MSH says: the control id and when the sender made the message."""

    control_id: str
    at: datetime


@dataclass(frozen=True, slots=True)
class Order:
    """What OBR says about one set of results."""

    filler: str
    code: str
    name: str
    section: str
    taken_at: datetime


def adt(
    trigger: str,
    person: Person,
    envelope: Envelope,
    *,
    at: datetime,
    admitted_at: datetime,
    ward: str,
    phone: str = "",
    allergies: Sequence[Coded] = (),
    problems: Sequence[Coded] = (),
) -> bytes:
    """An ADT message; A03 also says when the person left. Source: HL7 v2.5.1 chapters 3 and 6."""
    structure = {"A04": "ADT_A01", "A08": "ADT_A01"}.get(trigger, f"ADT_{trigger}")
    return _joined(
        _msh(f"ADT^{trigger}^{structure}", envelope),
        f"EVN||{_time(at)}",
        _pid(person, phone),
        _pv1(person, ward, admitted_at=admitted_at, left_at=at if trigger == "A03" else None),
        *(_al1(number, one) for number, one in enumerate(allergies, 1)),
        *(_dg1(number, one, admitted_at) for number, one in enumerate(problems, 1)),
    )


def oru(
    person: Person, envelope: Envelope, order: Order, results: Sequence[Measured], *, ward: str
) -> bytes:
    """An ORU^R01 with one OBR and its results. Source: HL7 v2.5.1 chapter 7."""
    taken = _time(order.taken_at)
    obr = ["OBR", "1", "", f"{order.filler}^{AUTHORITY}", f"{order.code}^{order.name}^LN"]
    obr += ["", "", taken, *[""] * 14, _time(envelope.at), "", order.section, "F"]
    return _joined(
        _msh("ORU^R01^ORU_R01", envelope),
        _pid(person),
        _pv1(person, ward),
        "|".join(obr),
        *(_obx(number, result, taken) for number, result in enumerate(results, 1)),
    )


def _msh(kind: str, envelope: Envelope) -> str:
    return (
        f"MSH|^~\\&|WHERRYDEMO|{FACILITY}|WHERRY|WHERRY|{_time(envelope.at)}||{kind}"
        f"|{envelope.control_id}|P|2.5.1||||||UNICODE UTF-8"
    )


def _pid(person: Person, phone: str = "") -> str:
    fields = ["PID", "1", "", f"{person.mrn}^^^{AUTHORITY}^MR", ""]
    fields += [f"{person.family}^{person.given}^^^^^L", "", f"{person.born:%Y%m%d}", person.sex]
    fields += ["", "", f"{person.number} Invented Street^^Demotown^^00000"]
    return "|".join([*fields, "", phone] if phone else fields)


def _pv1(
    person: Person,
    ward: str,
    *,
    admitted_at: datetime | None = None,
    left_at: datetime | None = None,
) -> str:
    room, bed = 100 + person.number, "A" if person.number % 2 else "B"
    place = f"{ward}^{room}^{bed}^{FACILITY}" if ward in WARDS else f"{ward}^^^{FACILITY}"
    fields = ["PV1", "1", "I" if ward in WARDS else "E", place, *[""] * 15]
    fields += [f"{person.visit}^^^{AUTHORITY}^VN", *[""] * 24]
    fields += [_time(admitted_at), _time(left_at)]
    return "|".join(fields).rstrip("|")


def _al1(number: int, one: Coded) -> str:
    return f"AL1|{number}|DA|{one.code}^{one.words}^SCT|MO|Rash"


def _dg1(number: int, one: Coded, at: datetime) -> str:
    return f"DG1|{number}||{one.code}^{one.words}^SCT||{_time(at)}|A"


def _obx(number: int, result: Measured, taken: str) -> str:
    kind, value = ("NM", result.value) if result.unit else ("CWE", _answer(result))
    unit = f"{result.unit}^{result.unit}^UCUM" if result.unit else ""
    judged = f"{result.range}|{result.flag}"
    code = f"{result.code}^{result.name}^LN"
    return f"OBX|{number}|{kind}|{code}||{value}|{unit}|{judged}|||F|||{taken}"


def _answer(result: Measured) -> str:
    return f"{result.answer}^{result.value}^LN"


def _time(at: datetime | None) -> str:
    return f"{at:%Y%m%d%H%M%S%z}" if at else ""


def _joined(*segments: str) -> bytes:
    return ("\r".join(segments) + "\r").encode()
