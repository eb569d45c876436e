"""What a schedule or a document says in part is laid over what is stored. Synthetic data."""

from typing import Any

import pytest

from wherry.fhir.merge import merge
from wherry.resource import Resource

UNKNOWN = {"extension": [{"url": "http://example.org/absent", "valueCode": "unknown"}]}


def _appointment(*participants: dict[str, Any], **more: Any) -> Resource:
    said = {"participant": list(participants)} if participants else {}
    return {"resourceType": "Appointment", "status": "booked", **said, **more}


def _who(reference: str, status: str = "accepted") -> dict[str, Any]:
    actor = {"reference": reference, "type": reference.partition("/")[0]}
    return {"actor": actor, "status": status}


PATIENT, ROOM, OTHER_ROOM = _who("Patient/1"), _who("Location/1"), _who("Location/2")
DOCTOR = _who("Practitioner/1")


@pytest.mark.parametrize(
    ("said", "deletes", "left"),
    [
        ((OTHER_ROOM,), ("participant:Location",), [PATIENT, DOCTOR, OTHER_ROOM]),
        ((OTHER_ROOM,), (), [PATIENT, ROOM, DOCTOR, OTHER_ROOM]),
        (
            (_who("Location/1", "declined"),),
            (),
            [PATIENT, _who("Location/1", "declined"), DOCTOR],
        ),
    ],
)
def test_participants_are_replaced_by_kind_or_changed_one_by_one(
    said: tuple[dict[str, Any], ...], deletes: tuple[str, ...], left: list[dict[str, Any]]
) -> None:
    merged = merge(_appointment(PATIENT, ROOM, DOCTOR), _appointment(*said), deletes)

    assert merged is not None
    assert merged["participant"] == left


def test_a_service_that_goes_is_taken_by_its_code() -> None:
    one, other = ({"coding": [{"system": "urn:x", "code": code}]} for code in ("A", "B"))

    merged = merge(
        _appointment(PATIENT, serviceType=[one, other]), _appointment(PATIENT), ("serviceType:A",)
    )

    assert merged is not None
    assert merged["serviceType"] == [other]


def test_an_unknown_start_never_covers_a_known_one() -> None:
    stored = _appointment(PATIENT, start="2026-01-12T09:00:00Z", end="2026-01-12T09:30:00Z")

    merged = merge(
        stored,
        _appointment(ROOM, _start=UNKNOWN, _end=UNKNOWN),
        weak=("status", "start", "end"),
    )

    assert merged is not None
    assert {name: merged.get(name) for name in ("start", "_start", "end", "_end")} == {
        "start": "2026-01-12T09:00:00Z",
        "_start": None,
        "end": "2026-01-12T09:30:00Z",
        "_end": None,
    }


def test_a_known_start_takes_the_place_of_an_unknown_one() -> None:
    stored = _appointment(PATIENT, _start=UNKNOWN, _end=UNKNOWN)
    times = {"start": "2026-01-12T09:00:00Z", "end": "2026-01-12T09:30:00Z"}

    merged = merge(stored, _appointment(PATIENT, **times))

    assert merged == _appointment(PATIENT, meta={}, **times)


def test_a_cancelled_document_keeps_the_content_that_is_stored() -> None:
    content = [{"attachment": {"contentType": "text/plain", "data": "VGV4dA=="}}]
    stored = {"resourceType": "DocumentReference", "status": "current", "content": content}
    said = {
        "resourceType": "DocumentReference",
        "status": "entered-in-error",
        "content": [{"attachment": {"title": "a"}}],
    }

    merged = merge(stored, said, weak=("content",))

    assert merged is not None
    assert (merged["status"], merged["content"]) == ("entered-in-error", content)
