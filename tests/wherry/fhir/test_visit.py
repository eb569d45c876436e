"""An Encounter goes forward and keeps its places. All data are synthetic."""

from typing import Any

import pytest

from wherry.fhir.merge import merge
from wherry.resource import Resource

T1, T2, T3 = (f"2026-01-05T1{n}:00:00+00:00" for n in (1, 2, 3))


def _visit(at: str, **elements: Any) -> Resource:
    return {
        "resourceType": "Encounter",
        "meta": {"source": f"urn:wherry:hl7:N:A#{at}"},
        "extension": [{"url": "urn:wherry:fhir:source-time", "valueDateTime": at}],
        **elements,
    }


def _stay(place: str, status: str, start: str = "", end: str = "") -> Resource:
    period = {**({"start": start} if start else {}), **({"end": end} if end else {})}
    stay: Resource = {"location": {"identifier": {"value": place}}, "status": status}
    return {**stay, "period": period} if period else stay


def _after(*messages: Resource) -> Resource:
    stored = messages[0]
    for message in messages[1:]:
        stored = (
            merge(stored, message, message.pop("deletes", ()), message.pop("weak", ())) or stored
        )
    return stored


@pytest.mark.parametrize(
    ("kept", "said", "weak", "merged"),
    [
        ("in-progress", "finished", (), "finished"),
        ("in-progress", "unknown", (), "in-progress"),
        ("planned", "in-progress", (), "in-progress"),
        ("finished", "in-progress", (), "finished"),
        ("cancelled", "in-progress", (), "cancelled"),
        ("finished", "planned", ("status",), "finished"),
        ("in-progress", "planned", ("status",), "in-progress"),
        ("unknown", "in-progress", ("status",), "in-progress"),
    ],
)
def test_the_status_goes_forward(kept: str, said: str, weak: tuple[str, ...], merged: str) -> None:
    stored = _visit(T1, status=kept)

    assert _after(stored, _visit(T2, status=said, weak=weak))["status"] == merged


def test_a_discharge_that_is_taken_back_reopens_the_visit() -> None:
    stored = _visit(T1, status="finished", period={"start": T1, "end": T1})

    made = _after(stored, _visit(T2, status="in-progress", deletes=("period.end",)))

    assert (made["status"], made["period"]) == ("in-progress", {"start": T1})


def test_a_visit_that_begins_after_its_end_is_open_again() -> None:
    stored = _visit(T1, status="finished", period={"start": T1, "end": T1})

    made = _after(stored, _visit(T3, status="in-progress", period={"start": T3}))

    assert (made["status"], made["period"]) == ("in-progress", {"start": T3})


def test_a_late_admission_does_not_reopen_but_tells_when_it_began() -> None:
    stored = _visit(
        T3, status="finished", period={"end": T3}, location=[_stay("W2", "completed", T2, T3)]
    )
    late = _visit(
        T1, status="in-progress", period={"start": T1}, location=[_stay("W1", "active", T1)]
    )

    made = _after(stored, late)

    assert (made["status"], made["period"]) == ("finished", {"start": T1, "end": T3})
    assert made["location"] == [
        _stay("W1", "completed", T1),
        _stay("W2", "completed", T2, T3),
    ]


def test_moves_become_a_history() -> None:
    made = _after(
        _visit(T1, status="in-progress", location=[_stay("W1", "active", T1)]),
        _visit(
            T2,
            status="in-progress",
            location=[_stay("W1", "completed", end=T2), _stay("W2", "active", T2)],
        ),
        _visit(
            T3,
            status="in-progress",
            location=[_stay("W2", "completed", end=T3), _stay("W1", "active", T3)],
        ),
    )

    assert made["location"] == [
        _stay("W1", "completed", T1, T2),
        _stay("W2", "completed", T2, T3),
        _stay("W1", "active", T3),
    ]


def test_an_update_in_the_same_place_keeps_since_when() -> None:
    stored = _visit(T1, status="in-progress", location=[_stay("W1", "active", T1)])

    assert merge(stored, _visit(T2, status="in-progress", location=[_stay("W1", "active")])) is None


def test_a_move_that_was_not_announced_completes_the_place_before() -> None:
    made = _after(
        _visit(T1, status="in-progress", location=[_stay("W1", "active", T1)]),
        _visit(T2, status="in-progress", location=[_stay("W2", "active")]),
    )

    assert made["location"] == [_stay("W1", "completed", T1), _stay("W2", "active")]


def test_a_discharge_completes_the_last_place() -> None:
    made = _after(
        _visit(T1, status="in-progress", location=[_stay("W1", "active", T1)]),
        _visit(T2, status="finished", location=[_stay("W1", "completed", end=T2)]),
        _visit(T3, status="in-progress", weak=("status",), location=[_stay("W1", "active")]),
    )

    assert made["status"] == "finished"
    assert made["location"] == [_stay("W1", "completed", T1, T2)]


def test_an_end_before_the_start_is_not_taken() -> None:
    made = _after(
        _visit(T2, status="in-progress", location=[_stay("W1", "active", T2)]),
        _visit(T3, status="in-progress", location=[_stay("W1", "completed", end=T1)]),
    )

    assert made["location"] == [_stay("W1", "completed", T2)]


@pytest.mark.parametrize(
    ("messages", "period"),
    [
        ([(T1, {"start": T3}), (T2, {"end": T2})], {"end": T2}),  # discharged before admission
        ([(T1, {"start": T1, "end": T1}), (T2, {"start": T2})], {"start": T2}),
        ([(T2, {"end": T1}), (T1, {"start": T3})], {"end": T1}),  # a late message
    ],
)
def test_a_start_after_the_end_is_never_written(
    messages: list[tuple[str, Resource]], period: Resource
) -> None:
    told = [_visit(at, status="in-progress", period=said) for at, said in messages]

    assert _after(*told)["period"] == period


def test_landing_every_move_again_changes_nothing() -> None:
    messages = [
        _visit(T1, status="in-progress", location=[_stay("W1", "active", T1)]),
        _visit(
            T2,
            status="in-progress",
            location=[_stay("W1", "completed", end=T2), _stay("W2", "active", T2)],
        ),
        _visit(T3, status="finished", location=[_stay("W2", "completed", end=T3)]),
    ]
    stored = _after(*messages)

    assert [merge(stored, message, resent=True) for message in messages] == [None, None, None]
    assert [merge(stored, message) for message in messages] == [None, None, None]
