"""What was last heard of devices: the same on the fake, on SQLite and on PostgreSQL."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from itertools import permutations

import pytest
from tests.devices.seen_fakes import FakeAudit, FakeSeen

from wherry.adapters.inbox_sql import SqlInbox
from wherry.adapters.migrate import upgrade as upgrade_inbox
from wherry.adapters.sealing import Sealer
from wherry.adapters.sql import make_engine
from wherry.braking import Braking
from wherry.ports import Arrival
from wherry_devices.freshness.seen import Audit, Deed, Seen, SeenRow
from wherry_devices.freshness.seen_sql import KEPT_DAYS, SqlSeen
from wherry_devices.mapping.heard import Day, Heard, Last, Told
from wherry_devices.mapping.reading import DeviceKey, OffsetOrigin, Origin, Reading
from wherry_devices.migrate import upgrade
from wherry_devices.owning.audit_sql import SqlAudit
from wherry_devices.owning.bindings_sql import SqlBindings

AT = datetime(2026, 3, 1, 8, 0, tzinfo=UTC)
MINUTE = timedelta(minutes=1)
DEVICE = DeviceKey("demo", "device", "cuff-1")
HUB = DeviceKey("demo", "gateway", "hub-1")
KEY, SLOT = DEVICE.opaque, DEVICE.of("2").opaque


@pytest.fixture(params=["fake", "sqlite", "postgres"])
def stores(request: pytest.FixtureRequest) -> Iterator[tuple[Seen, Audit]]:
    """Empty tables."""
    if request.param == "fake":
        yield FakeSeen(), FakeAudit()
        return
    url = request.getfixturevalue(f"{request.param}_url")
    upgrade_inbox(url)
    upgrade(url)
    engine = make_engine(url)
    yield SqlSeen(engine), SqlAudit(engine)
    engine.dispose()


@pytest.fixture
def seen(stores: tuple[Seen, Audit]) -> Seen:
    """Nothing was heard yet."""
    return stores[0]


def pulse(minutes: int = 0, **more: object) -> Reading:
    """A made-up reading, so many minutes after AT."""
    known = {
        "source": "demo",
        "kind": "heart_rate",
        "value": Decimal(70),
        "ucum": "/min",
        "unit_raw": "/min",
        "instant": AT + minutes * MINUTE,
        "offset_origin": OffsetOrigin.SOURCE,
        "origin": Origin.DEVICE,
        "device": DEVICE,
        "account": None,
        "model": "Cuff",
    }
    return Reading(**(known | more))  # type: ignore[arg-type]


def heard(*readings: Reading, patient: str = "p1", after: int = 10) -> Heard:
    """What a payload says that came so many minutes after AT."""
    made = Heard()
    made.readings(readings, patient, AT + after * MINUTE)
    return made


def test_the_newest_reading_of_each_kind_is_known_with_its_lag(seen: Seen) -> None:
    seen.record(heard(pulse(), pulse(3), pulse(2, kind="bp_systolic"), pulse(2, kind="bp_mean")))

    [pressure, rate] = seen.rows([KEY])

    assert (pressure.kind, rate.kind) == ("bp", "heart_rate")
    assert (rate.key, rate.patient) == (KEY, "p1")
    assert rate.last == Last(
        source="demo",
        unit=KEY,
        model="Cuff",
        measured_s=(AT + 3 * MINUTE).timestamp(),
        heard_s=(AT + 10 * MINUTE).timestamp(),
        received_s=(AT + 10 * MINUTE).timestamp(),
    )


DELIVERIES = (
    (pulse(5), 10),
    (pulse(5), 20),
    (pulse(1), 30),
    (pulse(5, model="Newer"), 20),
)


@pytest.mark.parametrize("order", list(permutations(range(4))))
def test_deliveries_in_any_order_and_twice_end_in_the_same_row(order: tuple[int, ...]) -> None:
    store = FakeSeen()
    for number in (*order, order[0]):
        reading, after = DELIVERIES[number]
        store.record(heard(reading, after=after))

    [row] = store.rows([KEY])

    assert row.last.measured_s == (AT + 5 * MINUTE).timestamp()
    assert row.last.heard_s == (AT + 10 * MINUTE).timestamp()
    assert row.last.received_s == (AT + 30 * MINUTE).timestamp()
    assert row.last.model == "Newer"


@pytest.mark.parametrize("kind", ["sqlite", "postgres"])
def test_the_databases_merge_as_the_fake_does(kind: str, request: pytest.FixtureRequest) -> None:
    url = request.getfixturevalue(f"{kind}_url")
    upgrade(url)
    engine = make_engine(url)
    store = SqlSeen(engine)
    orders = list(permutations(range(4)))
    for n, order in enumerate(orders):
        device = DeviceKey("demo", "device", f"cuff-{n}")
        for number in (*order, order[0]):
            reading, after = DELIVERIES[number]
            said = heard(replace(reading, device=device), after=after)
            said.tell(device.opaque, "battery_percent", AT + after * MINUTE, str(number))
            store.record(said)
    keys = [DeviceKey("demo", "device", f"cuff-{n}").opaque for n in range(len(orders))]
    rows, told = store.rows(keys), store.told(keys)
    days = store.days(["p1"], since=0)
    engine.dispose()

    assert len(rows) == len(orders)
    assert len({replace(row.last, unit="") for row in rows}) == 1
    assert rows[0].last.heard_s == (AT + 10 * MINUTE).timestamp()
    assert rows[0].last.model == "Newer"
    assert {one["battery_percent"].value for one in told.values()} == {"2"}
    assert {row.day for row in days} == {Day(morning=1 << 32)}


def test_a_device_of_two_patients_has_a_row_for_each(seen: Seen) -> None:
    seen.record(heard(pulse()))
    seen.record(heard(pulse(20), patient="p2", after=30))
    seen.record(heard(pulse(40), patient="", after=50))

    assert [(row.patient, row.last.measured_s) for row in seen.rows([KEY])] == [
        ("", (AT + 40 * MINUTE).timestamp()),
        ("p1", AT.timestamp()),
        ("p2", (AT + 20 * MINUTE).timestamp()),
    ]


def test_the_users_of_one_device_are_found_by_each_other(seen: Seen) -> None:
    seen.record(heard(pulse(slot="2")))
    seen.record(heard(pulse(slot="1"), patient=""))

    assert {row.key for row in seen.rows([SLOT])} == {SLOT, DEVICE.of("1").opaque}
    assert {row.last.unit for row in seen.rows([KEY])} == {KEY}
    assert seen.rows(["f" * 32]) == []


def test_a_reading_is_noted_under_its_device_and_its_account(seen: Seen) -> None:
    account = DeviceKey("demo", "account", "somebody")
    seen.record(heard(pulse(account=account)))

    assert {row.key for row in seen.rows([KEY])} == {KEY, account.opaque}


@pytest.mark.parametrize(
    "reading",
    [
        pulse(origin=Origin.MANUAL),
        pulse(origin=Origin.DERIVED),
        pulse(demo=True),
        pulse(deleted=True),
    ],
)
def test_what_no_device_measured_says_nothing_of_it(reading: Reading) -> None:
    assert not heard(reading)


def test_days_are_kept_by_the_quarter_of_an_hour_and_once_each(seen: Seen) -> None:
    seen.record(heard(pulse(), pulse(1), pulse(14)))
    seen.record(heard(pulse(1), pulse(60 * 15 + 59)))
    seen.record(heard(pulse(60 * 16), pulse(0, origin=Origin.UNKNOWN)))
    seen.record(heard(pulse(civil=True, instant=datetime(2026, 3, 5, tzinfo=UTC))))
    first = (AT.date() - datetime(1970, 1, 1, tzinfo=UTC).date()).days

    found = {row.number: row.day for row in seen.days(["p1", "p2"], since=first)}

    assert found == {
        first: Day(morning=1 << 32, evening=1 << 47),
        first + 1: Day(morning=1),
        first + 4: Day(named=1),
    }
    assert found[first].quarters == (32, 95)
    assert [row.number for row in seen.days(["p1"], since=first + 1)] == [first + 1, first + 4]
    assert seen.days(["p2"], since=0) == []


def test_what_was_told_last_counts_and_the_order_does_not(seen: Seen) -> None:
    for minutes, value in ((5, "20"), (9, "19"), (7, "18"), (9, "17")):
        said = Heard()
        said.tell(KEY, "battery_percent", AT + minutes * MINUTE, value)
        seen.record(said)

    assert seen.told([KEY, SLOT]) == {
        KEY: {"battery_percent": Told((AT + 9 * MINUTE).timestamp(), "19")}
    }


def test_the_hub_of_a_reading_is_known_and_was_heard(seen: Seen) -> None:
    seen.record(heard(pulse(gateway=HUB)))

    told = seen.told([KEY, HUB.opaque])

    assert told[KEY]["gateway"].value == HUB.opaque
    assert told[HUB.opaque]["heard"].at_s == (AT + 10 * MINUTE).timestamp()


def test_lags_are_counted_by_steps(seen: Seen) -> None:
    for _ in range(2):
        seen.record(heard(pulse(), pulse(9), pulse(-60 * 24 * 30)))

    steps = seen.steps()["demo", "lag"]

    assert steps.counts == {"60": 2, "900": 2, "+Inf": 2}
    assert steps.sum_s == 2 * (60 + 600 + 600 + 30 * 86400)


def test_only_patients_devices_heard_from_lately_are_recent(seen: Seen) -> None:
    seen.record(heard(pulse()))
    seen.record(heard(pulse(), patient=""))
    seen.record(heard(pulse(device=DeviceKey("demo", "device", "old")), after=-600))

    assert [row.key for row in seen.recent(["demo"], since_s=AT.timestamp())] == [KEY]
    assert seen.recent(["other"], since_s=0) == []


def test_an_audit_row_survives_with_ids_alone(stores: tuple[Seen, Audit]) -> None:
    audit = stores[1]
    deed = Deed("service", "read-freshness", "p1", KEY, "request 1")
    audit.note([deed, Deed("service", "bind", "p2")])
    audit.note([])

    [(first, at, kept), (second, _, _)] = audit.deeds()

    assert kept == deed
    assert at.tzinfo is UTC
    assert [row[0] for row in audit.deeds(after=first)] == [second]


@pytest.mark.parametrize("kind", ["sqlite", "postgres"])
def test_keys_wait_with_their_messages_and_since_when(
    kind: str, request: pytest.FixtureRequest
) -> None:
    url = request.getfixturevalue(f"{kind}_url")
    upgrade_inbox(url)
    upgrade(url)
    engine = make_engine(url)
    inbox = SqlInbox(engine, Sealer(()), Braking(100))
    arrivals = [Arrival("devices", b"{}", sender="withings") for _ in range(3)]
    ids = inbox.keep(arrivals)
    for id_ in ids:
        SqlBindings(engine).wait(id_, [KEY] if id_ != ids[2] else [KEY, SLOT], seen=0)
    found = SqlSeen(engine).waiting(limit=5)
    engine.dispose()

    assert {one.key: (one.source, one.messages, one.message_ids) for one in found} == {
        KEY: ("withings", 3, tuple(ids)),
        SLOT: ("withings", 1, (ids[2],)),
    }
    assert found[0].since <= found[1].since


@pytest.mark.parametrize("kind", ["sqlite", "postgres"])
def test_days_that_are_long_gone_go(kind: str, request: pytest.FixtureRequest) -> None:
    url = request.getfixturevalue(f"{kind}_url")
    upgrade(url)
    engine = make_engine(url)
    store = SqlSeen(engine)
    store.record(heard(pulse()))
    later = AT + timedelta(days=KEPT_DAYS + 1)
    made = Heard()
    made.readings([pulse(instant=later)], "p1", later)
    store.record(made)
    days = store.days(["p1"], since=0)
    rows: list[SeenRow] = store.rows([KEY])
    engine.dispose()

    assert len(days) == 1
    assert rows[0].last.measured_s == later.timestamp()
