"""The table of deeds keeps the port's contract on both databases."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import pytest

from wherry.adapters.sql import make_engine
from wherry_smart.deeds import Doing, Subject, What
from wherry_smart.deeds_sql import SqlDeeds
from wherry_smart.migrate import upgrade

NOW = datetime(2026, 3, 1, 12, 0, tzinfo=UTC)
ADA = Subject("https://ehr.example.org/fhir", "p-1", "Practitioner/u-1")


@pytest.fixture(params=["sqlite", "postgres"])
def deeds(request: pytest.FixtureRequest) -> Iterator[SqlDeeds]:
    url = str(request.getfixturevalue(f"{request.param}_url"))
    upgrade(url)
    engine = make_engine(url)
    yield SqlDeeds(engine)
    engine.dispose()


def test_a_deed_comes_back_as_it_was_kept(deeds: SqlDeeds) -> None:
    until = NOW + timedelta(hours=1)
    doing = Doing(What.SNOOZED, "click-0001", "r-1", "treatment has begun", "Grüße \x00", until)

    kept = deeds.keep(ADA, doing, at=NOW)

    assert (kept.at, kept.until, kept.what) == (NOW, until, What.SNOOZED)
    assert (kept.about, kept.reason, kept.note) == ("r-1", "treatment has begun", "Grüße \ufffd")
    assert list(deeds.of(ADA.issuer, ADA.patient)) == [kept]


def test_the_same_key_again_is_the_first_deed_and_of_another_patient_a_new_one(
    deeds: SqlDeeds,
) -> None:
    first = deeds.keep(ADA, Doing(What.NOTED, "click-0001", note="one"), at=NOW)
    again = deeds.keep(ADA, Doing(What.NOTED, "click-0001", note="two"), at=NOW)
    other = Subject(ADA.issuer, "p-2", ADA.person)
    third = deeds.keep(other, Doing(What.NOTED, "click-0001", note="three"), at=NOW)

    assert again == first
    assert third.id != first.id


def test_the_newest_come_first_and_older_ones_below_an_id(deeds: SqlDeeds) -> None:
    ids = [deeds.keep(ADA, Doing(What.NOTED, f"click-{n}"), at=NOW).id for n in range(5)]

    assert [each.id for each in deeds.of(ADA.issuer, ADA.patient, limit=2)] == [ids[4], ids[3]]
    found = deeds.of(ADA.issuer, ADA.patient, before=ids[3], limit=2)
    assert [each.id for each in found] == [ids[2], ids[1]]
    assert list(deeds.of("https://other.example/fhir", ADA.patient)) == []
