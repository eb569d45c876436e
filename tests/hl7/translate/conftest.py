"""What the tests of the translator share: a synthetic patient, an order, one OBX made FHIR."""

from collections.abc import Callable, Mapping
from datetime import UTC, datetime

import pytest

from wherry.hl7.message import Message
from wherry.resource import Resource, Translation
from wherry.testing.hl7 import message, segment
from wherry_hl7.translate import DEFAULT, Sender, translate

RECEIVED_AT = datetime(2026, 1, 5, 18, tzinfo=UTC)
PID = segment("PID", {1: "1", 3: "7700123^^^NORTH^MR", 5: "Testperson^Ada"})
OBR = segment(
    "OBR", {1: "1", 3: "F1^LAB", 4: "24323-8^Panel^LN", 7: "20260105110000+0000", 25: "F"}
)


@pytest.fixture
def translated() -> Callable[..., Translation]:
    """Translate a message made of segments; an ORU^R01 unless said otherwise."""

    def make(*segments: str, sender: Sender = DEFAULT, **said: str) -> Translation:
        data = message(*segments, **said)
        return translate(Message.parse(data), sender=sender, received_at=RECEIVED_AT)

    return make


@pytest.fixture
def of_type() -> Callable[[Translation, str], list[Resource]]:
    """The resources of a type in a translation, in order."""

    def find(made: Translation, type_: str) -> list[Resource]:
        resources = [entry["resource"] for entry in made.bundle["entry"]]
        return [one for one in resources if one["resourceType"] == type_]

    return find


@pytest.fixture
def observed(
    translated: Callable[..., Translation], of_type: Callable[[Translation, str], list[Resource]]
) -> Callable[..., Resource]:
    """The Observation that one OBX with these fields becomes."""

    def make(fields: Mapping[int, str], *, sender: Sender = DEFAULT) -> Resource:
        obx = segment("OBX", {1: "1", 3: "1-1^Test^L", 11: "F", **fields})
        return of_type(translated(PID, OBR, obx, sender=sender), "Observation")[0]

    return make


@pytest.fixture
def patient(
    translated: Callable[..., Translation], of_type: Callable[[Translation, str], list[Resource]]
) -> Callable[..., Resource]:
    """The Patient that one PID with these fields becomes."""

    def make(fields: Mapping[int, str]) -> Resource:
        pid = segment("PID", {3: "7700123^^^NORTH^MR", **fields})
        return of_type(translated(pid, kind="ADT^A08"), "Patient")[0]

    return make


@pytest.fixture
def encounter(
    translated: Callable[..., Translation], of_type: Callable[[Translation, str], list[Resource]]
) -> Callable[..., Resource]:
    """The Encounter that one PV1 with these fields becomes."""

    def make(fields: Mapping[int, str], *, event: str = "A01") -> Resource:
        pv1 = segment("PV1", {2: "I", 19: "V1^^^NORTH", **fields})
        evn = segment("EVN", {2: "20260105113000+0000"})
        return of_type(translated(evn, PID, pv1, kind=f"ADT^{event}"), "Encounter")[0]

    return make
