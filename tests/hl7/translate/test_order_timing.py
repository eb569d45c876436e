"""TQ1, ORC-7 and OBR-27 become when an order is to be done. All messages here are synthetic."""

from collections.abc import Callable
from decimal import Decimal
from typing import Any

import pytest

from wherry.resource import Resource, Translation
from wherry.testing.hl7 import segment

Translated = Callable[..., Translation]
OfType = Callable[[Translation, str], list[Resource]]
Made = Callable[..., list[Resource]]
PID = segment("PID", {3: "7700123^^^NORTH^MR"})


def orc(control: str = "NW", placer: str = "P1^EHR", filler: str = "", **more: str) -> str:
    fields = {1: control, 2: placer, 3: filler}
    return segment("ORC", {**fields, **{int(k[1:]): v for k, v in more.items()}})


def obr(code: str = "24323-8", **more: str) -> str:
    return segment(
        "OBR", {1: "1", 4: f"{code}^Panel^LN", **{int(k[1:]): v for k, v in more.items()}}
    )


@pytest.fixture
def ordered(translated: Translated, of_type: OfType) -> Made:
    """The resources of a type (ServiceRequest) in an order message."""

    def make(
        *segments: str, kind: str = "ORM^O01", type_: str = "ServiceRequest"
    ) -> list[Resource]:
        return of_type(translated(PID, *segments, kind=kind), type_)

    return make


START, END = "20260105080000+0000", "20260112080000+0000"
BOUNDS = {"start": "2026-01-05T08:00:00+00:00", "end": "2026-01-12T08:00:00+00:00"}


def tq1(**fields: str) -> str:
    return segment("TQ1", {1: "1", **{int(k[1:]): v for k, v in fields.items()}})


@pytest.mark.parametrize(
    ("timing", "said"),
    [
        ({"f7": START}, {"occurrenceDateTime": BOUNDS["start"]}),
        ({"f7": START, "f8": END}, {"occurrencePeriod": BOUNDS}),
        ({"f3": "ONCE", "f7": START}, {"occurrenceDateTime": BOUNDS["start"]}),
        ({"f3": "PRN"}, {"asNeededBoolean": True, "occurrenceTiming": {"code": {"text": "PRN"}}}),
        (
            {"f3": "PRN", "f10": "when in pain"},
            {
                "asNeededCodeableConcept": {"text": "when in pain"},
                "occurrenceTiming": {"code": {"text": "PRN"}},
            },
        ),
        (
            {"f3": "TID", "f4": "0800~1400~2200"},
            {
                "occurrenceTiming": {
                    "repeat": {
                        "frequency": 3,
                        "period": Decimal(1),
                        "periodUnit": "d",
                        "timeOfDay": ["08:00:00", "14:00:00", "22:00:00"],
                    },
                    "code": {
                        "coding": [
                            {
                                "system": "http://terminology.hl7.org/CodeSystem/v3-GTSAbbreviation",
                                "code": "TID",
                                "display": "TID",
                            }
                        ],
                        "text": "TID",
                    },
                }
            },
        ),
        (
            {"f3": "U 0 9 * * *"},
            {"occurrenceTiming": {"code": {"text": "U 0 9 * * *"}}},
        ),
    ],
)
def test_a_schedule_is_a_time_a_period_or_a_timing(
    timing: dict[str, str], said: dict[str, Any], ordered: Made
) -> None:
    (one,) = ordered(orc(), tq1(**timing), obr(), kind="OML^O21")

    found = {
        name: value for name, value in one.items() if name.startswith(("occurrence", "asNeeded"))
    }
    assert found == said


def test_bounds_counts_and_lengths_are_in_the_timing(ordered: Made) -> None:
    (one,) = ordered(
        orc(),
        tq1(f3="Q6H", f7=START, f8=END, f9="S", f13="15^min", f14="24"),
        obr(),
        kind="OML^O21",
    )

    assert one["priority"] == "stat"
    assert one["occurrenceTiming"]["repeat"] == {
        "frequency": 1,
        "period": Decimal(6),
        "periodUnit": "h",
        "duration": Decimal(15),
        "durationUnit": "min",
        "count": 24,
        "boundsPeriod": BOUNDS,
    }


@pytest.mark.parametrize("place", ["orc", "obr"])
def test_the_old_quantity_and_timing_says_the_same(place: str, ordered: Made) -> None:
    legacy = f"1^BID&0800,2000^D7^{START}^^S^^fasting"
    (one,) = ordered(
        orc(f7=legacy) if place == "orc" else orc(), obr(f27=legacy) if place == "obr" else obr()
    )

    assert one["priority"] == "stat"
    assert one["quantityQuantity"] == {"value": Decimal(1)}
    assert one["note"] == [{"text": "fasting"}]
    assert one["occurrenceTiming"]["repeat"] == {
        "frequency": 2,
        "period": Decimal(1),
        "periodUnit": "d",
        "timeOfDay": ["08:00:00", "20:00:00"],
        "boundsPeriod": BOUNDS,
    }
