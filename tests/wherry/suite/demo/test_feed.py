"""The synthetic feed: the same each time, readable, and what the cards need."""

from collections import Counter
from datetime import UTC, datetime, timedelta

import pytest

from wherry.hl7.message import Message
from wherry.suite.demo.feed import Result, feed
from wherry.suite.demo.roster import AUTHORITY, BEST, PEOPLE, WORST, Person

NOW = datetime(2024, 5, 1, 12, 34, 56, tzinfo=UTC)
FEED = feed(NOW)
MESSAGES = [Message.parse(raw) for raw in FEED.messages]
VITALS = {
    "9279-1",
    "59408-5",
    "3151-8",
    "8480-6",
    "8462-4",
    "8867-4",
    "8310-5",
    "67775-7",
    "9269-2",
}
LABS = {"2951-2", "2823-3", "2160-0", "2524-7", "6690-2", "718-7", "777-3", "4544-3", "2345-7"}
LABS |= {"3094-0", "1975-2", "1751-7"}


def last_vitals(person: Person) -> dict[str, str]:
    end = NOW.replace(second=0)
    return {r.code: r.value for r in FEED.results if r.mrn == person.mrn and r.at == end}


def test_the_same_seed_and_minute_make_the_same_bytes() -> None:
    assert feed(NOW + timedelta(seconds=3)) == FEED
    assert feed(NOW, seed=1).messages != FEED.messages


def test_there_are_enough_people_and_kinds_of_messages() -> None:
    kinds = Counter(message.kind for message in MESSAGES)

    assert len(FEED.mrns) >= 20
    assert set(kinds) == {"ADT^A01", "ADT^A02", "ADT^A03", "ADT^A04", "ADT^A08", "ORU^R01"}
    assert min(kinds.values()) >= 3


def test_every_message_is_read_without_a_remark() -> None:
    remarks = [remark for message in MESSAGES for remark in message.warnings]

    assert remarks == []
    assert {message.msh.text(11) for message in MESSAGES} == {"P"}
    assert {message.version for message in MESSAGES} == {"2.5.1"}


def test_control_ids_are_unique_and_fit_their_field() -> None:
    ids = [message.control_id for message in MESSAGES]

    assert len(set(ids)) == len(ids)
    assert max(len(id_) for id_ in ids) <= 20  # HL7 v2.5.1 MSH-10


def test_what_is_expected_is_what_the_messages_say() -> None:
    said = {
        Result(
            mrn=message.segments[1].text(3),
            code=obx.text(3),
            at=datetime.strptime(obx.text(14), "%Y%m%d%H%M%S%z"),
            value=obx.text(5),
        )
        for message in MESSAGES
        for obx in message.all("OBX")
    }

    assert said == FEED.results
    assert len(said) == sum(len(list(message.all("OBX"))) for message in MESSAGES)


def test_everybody_is_under_the_demo_authority_and_named_as_invented() -> None:
    for message in MESSAGES:
        pid = message.first("PID")

        assert pid is not None
        assert pid.text(3, 4) == AUTHORITY
        assert pid.text(5).endswith("-Demo")


@pytest.mark.parametrize("person", PEOPLE, ids=lambda person: person.mrn)
def test_vital_signs_span_hours_and_labs_are_there(person: Person) -> None:
    mine = [result for result in FEED.results if result.mrn == person.mrn]
    times = [result.at for result in mine if result.code in VITALS]

    assert {result.code for result in mine} == VITALS | LABS
    assert max(times) - min(times) >= timedelta(hours=5)
    assert len(set(times)) >= 6
    assert person.born.year <= NOW.year - 18


def test_the_last_vital_signs_are_as_bad_and_as_good_as_the_cards_need() -> None:
    # RCP NEWS2 2017: 3 + 3 + 2 + 2 + 2 + 3 + 2 = 17 points, and none
    assert last_vitals(WORST) == {
        "9279-1": "27",
        "59408-5": "90",
        "3151-8": "6",
        "8480-6": "94",
        "8462-4": "52",
        "8867-4": "126",
        "8310-5": "39.2",
        "67775-7": "LA6560-2",
        "9269-2": "14",
    }
    assert last_vitals(BEST) == {
        "9279-1": "16",
        "59408-5": "98",
        "3151-8": "0",
        "8480-6": "124",
        "8462-4": "78",
        "8867-4": "72",
        "8310-5": "36.8",
        "67775-7": "LA9340-6",
        "9269-2": "15",
    }


def test_nothing_is_dated_after_its_message() -> None:
    assert max(result.at for result in FEED.results) <= NOW
    assert {message.msh.text(7) for message in MESSAGES} == {"20240501123400+0000"}


def test_each_persons_messages_come_in_the_order_of_their_stay() -> None:
    for person in PEOPLE:
        kinds = [m.kind for m in MESSAGES if (p := m.first("PID")) and p.text(3) == person.mrn]

        assert kinds[0] in ("ADT^A01", "ADT^A04")
        assert "ADT^A03" not in kinds[:-1]


def test_a_later_run_knows_the_same_results_by_the_same_orders() -> None:
    later = [Message.parse(raw) for raw in feed(NOW + timedelta(hours=1)).messages]
    orders = {o.text(3): o.text(7) for m in MESSAGES for o in m.all("OBR")}
    again = {o.text(3): o.text(7) for m in later for o in m.all("OBR")}

    shared = orders.keys() & again.keys()
    assert len(shared) > len(orders) // 2
    assert {order: orders[order] for order in shared} == {order: again[order] for order in shared}
