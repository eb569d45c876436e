"""Score records: what is kept comes back exactly, on the fake and on both databases."""

import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import text
from tests.risk.fake_records import FakeRecords

from wherry.adapters.sealing import Sealer
from wherry.adapters.sql import make_engine, reading, writing
from wherry.errors import Failure, Kind
from wherry_risk.migrate import upgrade
from wherry_risk.model.judgement import Judged, judge
from wherry_risk.model.record import record
from wherry_risk.model.recording import body_of, decoded, encoded, facts_of
from wherry_risk.recording import kept_of
from wherry_risk.records import Head, Records, ScoreRecord
from wherry_risk.records_sql import PatientKeys, SqlRecords

AT = datetime(2026, 3, 1, 12, 0, tzinfo=UTC)
KEYS = (b"a" * 32, b"b" * 32)
KEEPS_AND_DIES = """
import os, signal, sys
from datetime import UTC, datetime
from wherry.adapters.sql import make_engine
from wherry_risk.model.judgement import judge
from wherry_risk.model.record import record
from wherry_risk.model.registry import registry
from wherry_risk.recording import kept_of
from wherry_risk.records_sql import SqlRecords
at = datetime(2026, 3, 1, tzinfo=UTC)
judged = judge(registry()["news2"], record([], patient_id="p-1"), at=at)
records = SqlRecords(make_engine(sys.argv[1]))
records.add([kept_of(judged, id_="r-1", made_at=at, asked_by="request")], durable=False)
os.kill(os.getpid(), signal.SIGKILL)
"""


def settled(holds: Callable[[], bool]) -> bool:
    """Whether it holds within ten seconds."""
    for _ in range(1000):
        if holds():
            return True
        time.sleep(0.01)
    return False


@pytest.fixture(params=["fake", "sqlite", "postgres", "sqlite, sealed"])
def records(request: pytest.FixtureRequest) -> Iterator[Records]:
    kind, _, sealed = str(request.param).partition(", ")
    if kind == "fake":
        yield FakeRecords()
        return
    url = str(request.getfixturevalue(f"{kind}_url"))
    upgrade(url)
    engine = make_engine(url)
    keys = KEYS if sealed else ()
    yield SqlRecords(engine, Sealer(keys), PatientKeys(keys))
    engine.dispose()


@pytest.fixture
def judged(make: Any, models: Any) -> Callable[..., Judged]:
    def made(model: str = "icu-mortality-24h", *resources: Any, at: datetime = AT) -> Judged:
        given = resources or make.icu()
        return judge(models[model], record(given, patient_id="p-1"), at=at)

    return made


def kept(judged: Judged, id_: str = "r-1", **more: Any) -> ScoreRecord:
    made = kept_of(judged, id_=id_, made_at=AT, asked_by="request")
    return replace(made, head=replace(made.head, **more))


def test_a_record_comes_back_as_it_was_kept(records: Records, judged: Any) -> None:
    made = kept(judged())
    records.add([made])

    assert records.get("r-1") == made


def test_a_refusal_is_a_record_too(records: Records, judged: Any, make: Any) -> None:
    records.add([kept(judged("news2", make.patient()))])

    found = records.get("r-1")

    assert (found.head.status, found.head.refusal, found.head.score) == (
        "refused",
        "missing_inputs",
        None,
    )
    assert found.body.refusal is not None


def test_an_unknown_id_is_not_found(records: Records) -> None:
    with pytest.raises(Failure) as caught:
        records.get("r-1")

    assert caught.value.kind is Kind.NOT_FOUND


def test_a_patients_records_come_in_order_and_nobody_elses(records: Records, judged: Any) -> None:
    one = kept(judged())
    ages = {"r-3": 1, "r-1": 3, "r-2": 2, "old": 50}
    made = [
        replace(one, head=replace(one.head, id=id_, at=AT - timedelta(hours=age)))
        for id_, age in ages.items()
    ]
    others = [
        replace(one, head=replace(one.head, id="x-1", patient_id="p-2")),
        replace(one, head=replace(one.head, id="x-2", model="news2")),
        replace(one, head=replace(one.head, id="x-3", tenant="other")),
        replace(one, head=replace(one.head, id="x-4", role="shadow")),
    ]
    records.add([*made, *others])

    def found(**more: Any) -> list[str]:
        since = AT - timedelta(hours=24)
        model = "icu-mortality-24h"
        return [h.id for h in records.of_patient("p-1", model=model, since=since, **more)]

    assert found() == ["r-1", "r-2", "r-3"]
    assert found(limit=2) == ["r-2", "r-3"]
    assert found(role="shadow") == ["x-4"]
    assert found(tenant="other") == ["x-3"]


def test_what_was_made_between_two_times_is_read_page_by_page(
    records: Records, judged: Any
) -> None:
    one = kept(judged("news2"))
    made = [
        replace(one, head=replace(one.head, id=f"r-{n:03}", made_at=AT + timedelta(seconds=n // 2)))
        for n in range(450)
    ]
    shadow = replace(one, head=replace(one.head, id="s", role="shadow"))
    records.add([*made, shadow])

    until = AT + timedelta(seconds=220)
    found = [r.head.id for r in records.between(AT, until, model="news2", role="champion")]

    assert found == [f"r-{n:03}" for n in range(440)]
    assert [r.head.id for r in records.between(AT, until, role="shadow")] == ["s"]
    assert list(records.between(AT, until, model="qsofa")) == []


def test_what_stands_is_the_newest_of_which_an_assessment_was_written(
    records: Records, judged: Any
) -> None:
    one = kept(judged())
    made = [
        replace(one, head=replace(one.head, id=f"r-{n}", at=AT + timedelta(hours=n)))
        for n in range(4)
    ]
    records.add(made)
    assert records.standing("p-1", model="icu-mortality-24h") is None

    records.wrote(["r-2", "r-1"])

    assert records.standing("p-1", model="icu-mortality-24h") == made[2]
    assert records.standing("p-2", model="icu-mortality-24h") is None
    assert records.standing("p-1", model="news2") is None


def test_the_facts_of_a_record_are_those_of_the_verdict(judged: Any) -> None:
    one: Judged = judged()
    body = decoded(encoded(body_of(one)))

    facts = facts_of(body, one.spec, patient_id="p-1", at=AT)

    assert (facts.used, facts.missing) == (one.facts.used, one.facts.missing)
    assert facts.series.keys() == one.facts.series.keys()


def test_with_a_key_the_table_tells_nothing_of_the_patient(sqlite_url: str, judged: Any) -> None:
    upgrade(sqlite_url)
    engine = make_engine(sqlite_url)
    SqlRecords(engine, Sealer(KEYS), PatientKeys(KEYS)).add([kept(judged())])

    with reading(engine) as connection:
        row = connection.execute(text("SELECT * FROM score_record")).one()
    engine.dispose()

    told = b"".join(v if isinstance(v, bytes) else str(v).encode() for v in row)
    assert [
        word for word in (b"p-1", b"Observation", b"high", b"probability") if word in told
    ] == []
    assert row.patient_key != PatientKeys().of("default", "p-1")


def test_a_patient_is_found_under_an_older_key_and_from_before_there_was_one(
    sqlite_url: str, judged: Any
) -> None:
    upgrade(sqlite_url)
    engine = make_engine(sqlite_url)
    for n, keys in enumerate(((), KEYS[1:], KEYS)):
        SqlRecords(engine, Sealer(keys), PatientKeys(keys)).add([kept(judged(), f"r-{n}")])

    all_keys = SqlRecords(engine, Sealer(KEYS), PatientKeys(KEYS))
    found = all_keys.of_patient("p-1", model="icu-mortality-24h", since=AT)
    engine.dispose()

    assert [head.id for head in found] == ["r-0", "r-1", "r-2"]


@pytest.mark.parametrize(
    ("change", "kind"),
    [
        ("UPDATE score_record SET body = head", Kind.FAULT),
        ("UPDATE score_record SET id = 'r-1', key_id = '0'", Kind.UNAVAILABLE),
    ],
)
def test_a_record_that_was_changed_or_has_another_key_is_not_read(
    change: str, kind: Kind, sqlite_url: str, judged: Any
) -> None:
    upgrade(sqlite_url)
    engine = make_engine(sqlite_url)
    records = SqlRecords(engine, Sealer(KEYS), PatientKeys(KEYS))
    records.add([kept(judged())])
    with writing(engine) as connection:
        connection.execute(text(change))

    with pytest.raises(Failure) as caught:
        records.get("r-1")
    engine.dispose()

    assert (caught.value.kind, caught.value.at) == (kind, "record")


def test_a_body_in_the_clear_that_was_changed_is_not_read_either(
    sqlite_url: str, judged: Any
) -> None:
    upgrade(sqlite_url)
    engine = make_engine(sqlite_url)
    SqlRecords(engine).add([kept(judged())])
    with writing(engine) as connection:
        connection.execute(text("UPDATE score_record SET body = head"))

    with pytest.raises(Failure) as caught:
        SqlRecords(engine).get("r-1")
    engine.dispose()

    assert (caught.value.kind, caught.value.at) == (Kind.FAULT, "record")


def test_what_was_kept_without_waiting_for_the_disk_is_synced_soon_after(
    sqlite_url: str, judged: Any
) -> None:
    upgrade(sqlite_url)
    engine = make_engine(sqlite_url)
    records = SqlRecords(engine)
    records.add([kept(judged())], durable=False)

    assert settled(lambda: records.flush.synced == 1 and records.flush.idle)
    records.add([kept(judged(), "r-2")], durable=False)
    assert settled(lambda: records.flush.synced == 2 and records.flush.idle)
    engine.dispose()


def test_a_killed_process_loses_nothing_that_was_kept(sqlite_url: str) -> None:
    upgrade(sqlite_url)

    ended = subprocess.run([sys.executable, "-c", KEEPS_AND_DIES, sqlite_url], check=False)

    engine = make_engine(sqlite_url)
    found = SqlRecords(engine).get("r-1")
    engine.dispose()
    assert (ended.returncode, found.head.status) == (-signal.SIGKILL, "refused")


def test_while_the_database_is_away_nothing_is_said(sqlite_url: str) -> None:
    engine = make_engine(sqlite_url)  # without its tables

    with pytest.raises(Failure) as caught:
        SqlRecords(engine).ping()
    engine.dispose()

    assert caught.value.kind is Kind.UNAVAILABLE


def test_a_head_does_not_show_the_patient_when_it_is_printed(judged: Any) -> None:
    made = kept(judged())

    assert isinstance(made.head, Head)
    assert "p-1" not in repr(made)
