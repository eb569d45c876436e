"""A sensor with hundreds of values a day hides neither vital signs nor laboratory results."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import pytest

from wherry.errors import Failure, Kind
from wherry.resource import Resource
from wherry_smart.protocol.scopes import WANTED
from wherry_smart.reading import OBSERVATIONS, read_chart

SCOPE = " ".join(WANTED)


def observation(id_: str, code: str, category: str, day: int, patient: str = "p-1") -> Resource:
    return {
        "resourceType": "Observation",
        "id": id_,
        "status": "final",
        "category": [{"coding": [{"code": category}]}],
        "code": {"coding": [{"system": "http://loinc.org", "code": code}]},
        "subject": {"reference": f"Patient/{patient}"},
        "effectiveDateTime": f"2026-03-{day:02}T08:00:00Z",
        "valueInteger": 1,
    }


SENSED = [observation(f"g-{n}", "99504-3", "laboratory", 28) for n in range(OBSERVATIONS)]
WEIGHT = observation("w-1", "29463-7", "vital-signs", 2)
POTASSIUM = observation("k-1", "2823-3", "laboratory", 3)
STRANGER = observation("s-1", "29463-7", "vital-signs", 4, patient="p-2")


class Server:
    """Holds a sensor's days before everything else; `fails` says how it answers other searches."""

    def __init__(self, newest: Sequence[Resource], fails: Kind | None = None) -> None:
        self.newest, self.fails = newest, fails
        self.asked: list[Mapping[str, str]] = []

    def read(self, type_: str, id_: str) -> Resource:
        return {"resourceType": type_, "id": id_}

    def search(self, type_: str, params: Mapping[str, str], *, limit: int = 1000) -> list[Resource]:
        if type_ != "Observation":
            return []
        self.asked.append(params)
        if "category" not in params:
            return list(self.newest)[:limit]
        if self.fails:
            raise Failure(self.fails, "no")
        if params["category"] == "laboratory":
            assert params["code:not"] == "99504-3,105272-9"
            return [POTASSIUM, SENSED[0]]
        return [STRANGER, WEIGHT]


def each(asked: Sequence[Callable[[], Any]]) -> list[Any]:
    return [one() for one in asked]


def read(server: Server) -> list[str]:
    chart = read_chart(server, "p-1", SCOPE, each=each)  # type: ignore[arg-type]  # it only reads
    return [str(one["id"]) for one in chart.observations]


def test_what_a_sensor_crowds_out_is_read_apart_and_stands_behind_it() -> None:
    found = read(Server(SENSED))

    assert found[:OBSERVATIONS] == [one["id"] for one in SENSED]
    assert found[OBSERVATIONS:] == ["k-1", "w-1"]


@pytest.mark.parametrize(
    "newest",
    [
        SENSED[:-1],
        [observation(f"h-{n}", "8867-4", "vital-signs", 28) for n in range(OBSERVATIONS)],
    ],
    ids=["a sensor's first days", "a monitor"],
)
def test_nothing_more_is_read_where_no_sensor_crowds(newest: Sequence[Resource]) -> None:
    server = Server(newest)

    assert len(read(server)) == len(newest)
    assert len(server.asked) == 1


def test_a_server_that_cannot_search_so_costs_nothing_else() -> None:
    assert len(read(Server(SENSED, fails=Kind.INVALID))) == OBSERVATIONS


def test_a_token_that_is_not_taken_any_more_ends_the_session() -> None:
    with pytest.raises(Failure) as caught:
        read(Server(SENSED, fails=Kind.UNAUTHENTICATED))

    assert caught.value.kind is Kind.UNAUTHENTICATED
