"""In whatever order readings come, how often, and whoever dies on the way: one derived state."""

from datetime import datetime, timedelta
from typing import Any

from hypothesis import example, given, settings
from hypothesis import strategies as st
from tests.devices.harness import NOW, House, getmeas, measure
from tests.devices.test_deriving import DAY, HOUR, pressure, weight

from wherry.codec import encode
from wherry.errors import Failure
from wherry.resource import Resource

YESTERDAY = datetime(NOW.year, NOW.month, NOW.day, 7, tzinfo=NOW.tzinfo) - DAY


def newer(one: dict[str, Any], **more: Any) -> dict[str, Any]:
    """A later version of a measure group."""
    return {**one, "modified": one["modified"] + 60, **more}


SECOND = pressure(2, 134, 88, YESTERDAY + HOUR)
THIRD = pressure(3, 160, 100, YESTERDAY + 2 * HOUR)
LONELY = pressure(5, 118, 79, YESTERDAY - 3 * DAY + HOUR)
PAYLOADS = [
    pressure(1, 121, 80, YESTERDAY),
    SECOND,
    newer(SECOND, measures=[measure(10, 130), measure(9, 86)]),  # corrected
    THIRD,
    newer(THIRD, date=int((YESTERDAY - 5 * DAY).timestamp())),  # it was another day
    pressure(4, 117, 78, YESTERDAY - 3 * DAY),
    LONELY,
    newer(LONELY, attrib=2, measures=[measure(10, 119), measure(9, 79)]),  # typed in after all
    *(weight(20 + n, 70_000 + 100 * n, YESTERDAY - n * DAY) for n in range(6)),
    newer(weight(25, 70_500, YESTERDAY - 5 * DAY), date=int((YESTERDAY - 40 * DAY).timestamp())),
]
EVERYTHING = list(range(len(PAYLOADS)))


def state(house: House) -> list[bytes]:
    """What is derived and stands, in its own order, with the inputs by their own names."""
    named = {f"Observation/{one['id']}": one for one in house.fhir.all("Observation")}
    found = [
        one
        for one in named.values()
        if one["meta"].get("source") == "urn:wherry:devices:derived"
        and one["status"] != "entered-in-error"
    ]
    return sorted(encode(_plain(one, named)) for one in found)


def _plain(one: Resource, named: dict[str, Resource]) -> Resource:
    plain = {name: value for name, value in one.items() if name not in ("id", "meta")}
    inputs = [named[of["reference"]]["identifier"] for of in one.get("derivedFrom", ())]
    return plain | {"derivedFrom": inputs, "tags": one["meta"]["tag"]}


def settled(order: list[int], *, dies: frozenset[int] = frozenset(), derives: int = 99) -> House:
    """A house after these deliveries, in which some workers died between landing and noting."""
    house = House()
    house.bind("cuff-1")
    for step, place in enumerate(order):
        _keep_in_time(house, PAYLOADS[place])
        house.days.away = step in dies
        try:
            house.work()
        except Failure:
            house.inbox.time_s += 60  # until the dead worker's lease is over
        house.days.away = False
        if step % derives == 0:
            house.derive()
    house.work()
    house.clock.at += DAY
    house.days.time_s += timedelta(days=2).total_seconds()
    house.derive()
    house.derive()
    return house


def _keep_in_time(house: House, one: dict[str, Any]) -> None:
    """As if it had come within the hour, so that it is part of a baseline."""
    now_s = house.inbox.time_s
    house.inbox.time_s += one["modified"] + 600 - NOW.timestamp()
    house.keep(getmeas(one))
    house.inbox.time_s = now_s


WANTED = state(settled(EVERYTHING))


def test_what_is_wanted_is_not_nothing() -> None:
    house = settled(EVERYTHING)

    codes = [one["code"]["coding"][0]["code"] for one in house.fhir.all("Observation")]
    assert (len(WANTED), codes.count("96607-7"), codes.count("29463-7")) == (2, 1, 7)
    assert house.days.rows == {}


@settings(max_examples=40, deadline=None)
@given(
    st.permutations(EVERYTHING),
    st.lists(st.sampled_from(EVERYTHING), max_size=6),
    st.frozensets(st.integers(0, len(PAYLOADS) - 1), max_size=4),
    st.integers(1, 9),
)
@example(EVERYTHING[::-1], EVERYTHING, frozenset({0, 3, 5}), 1)
def test_any_order_any_number_of_deliveries_and_any_death_end_the_same(
    order: list[int], again: list[int], dies: frozenset[int], derives: int
) -> None:
    house = settled([*order, *again], dies=dies, derives=derives)

    assert state(house) == WANTED
    assert house.days.rows == {}
