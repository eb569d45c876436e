"""Roles and outcomes in the database: nothing is changed without a row that says so."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import Engine, text

from wherry.adapters.sealing import Sealer
from wherry.adapters.sql import make_engine, reading
from wherry.errors import Failure, Kind
from wherry_risk.lifecycle.outcomes_sql import SqlOutcomes
from wherry_risk.lifecycle.roles import Deed, Role, Version, given
from wherry_risk.lifecycle.roles_sql import SqlRoles
from wherry_risk.migrate import upgrade
from wherry_risk.monitoring.outcomes import Happening, Outcome

NOW = datetime(2026, 10, 1, tzinfo=UTC)
OLD, NEW = Version("m", "0.1.0"), Version("m", "0.2.0")
KEY = b"k" * 32


@pytest.fixture(params=["sqlite", "postgres"])
def engine(request: pytest.FixtureRequest) -> Iterator[Engine]:
    url = str(request.getfixturevalue(f"{request.param}_url"))
    upgrade(url)
    made = make_engine(url)
    yield made
    made.dispose()


def deed(version: Version, after: Role, tenant: str = "t") -> Deed:
    told = [{"name": "calibration slope", "figure": "1.01"}]
    return Deed(NOW, tenant, "m", version, None, after, "A. Name", "why", criteria=told)


def test_a_promotion_is_kept_whole_with_its_figures(engine: Engine) -> None:
    roles = SqlRoles(engine)
    roles.change([deed(OLD, Role.CHAMPION)])
    roles.change(given(roles.standing("t"), deed(NEW, Role.CHAMPION)))

    assert {one.version: one.role for one in roles.standing("t")} == {
        OLD: Role.RETIRED,
        NEW: Role.CHAMPION,
    }
    assert [
        (one.version, one.before, one.after, len(one.criteria)) for one in roles.trail("t")
    ] == [
        (OLD, None, Role.CHAMPION, 1),
        (OLD, Role.CHAMPION, Role.RETIRED, 0),
        (NEW, None, Role.CHAMPION, 1),
    ]


def test_a_decision_on_what_has_changed_meanwhile_changes_nothing(engine: Engine) -> None:
    roles = SqlRoles(engine)
    roles.change([deed(OLD, Role.CHAMPION)])
    late = given(roles.standing("t"), deed(NEW, Role.CHAMPION))
    roles.change(given(roles.standing("t"), deed(OLD, Role.RETIRED)))

    with pytest.raises(Failure) as caught:
        roles.change(late)

    assert caught.value.kind is Kind.CONFLICT
    assert [one.version for one in roles.standing("t")] == [OLD]
    assert len(roles.trail("t")) == 2


def test_tenants_do_not_see_each_other(engine: Engine) -> None:
    roles = SqlRoles(engine)
    roles.change([deed(OLD, Role.SHADOW)])

    assert (roles.standing("other"), roles.trail("other")) == ([], [])


def outcome(encounter: str, hours: int, *, happened: bool = True) -> Outcome:
    at = NOW + timedelta(hours=hours)
    return Outcome("p-1", encounter, Happening.DEATH_IN_HOSPITAL, happened, at, "file")


def test_outcomes_come_back_in_order_and_the_same_stay_again_replaces(engine: Engine) -> None:
    outcomes = SqlOutcomes(engine)
    outcomes.add("t", [outcome("e-2", 5), outcome("e-1", 1)])
    outcomes.add("t", [outcome("e-1", 2, happened=False)])

    assert list(outcomes.since("t", NOW)) == [outcome("e-1", 2, happened=False), outcome("e-2", 5)]
    assert list(outcomes.since("t", NOW + timedelta(hours=3))) == [outcome("e-2", 5)]
    assert list(outcomes.since("other", NOW)) == []


def test_what_became_of_whom_is_sealed(engine: Engine) -> None:
    SqlOutcomes(engine, Sealer([KEY]), [KEY]).add("t", [outcome("e-1", 1)])

    with reading(engine) as connection:
        row = connection.execute(text("SELECT * FROM risk_outcome")).one()
    assert b"p-1" not in bytes(row.body)
    assert list(SqlOutcomes(engine, Sealer([KEY]), [KEY]).since("t", NOW)) == [outcome("e-1", 1)]
    with pytest.raises(Failure, match="key"):
        list(SqlOutcomes(engine).since("t", NOW))


def test_many_outcomes_of_one_moment_are_all_read(engine: Engine) -> None:
    outcomes = SqlOutcomes(engine)
    outcomes.add("t", [outcome(f"e-{n}", 1) for n in range(1100)])

    assert len({one.encounter for one in outcomes.since("t", NOW)}) == 1100


def test_what_is_old_goes_for_good(engine: Engine) -> None:
    outcomes = SqlOutcomes(engine)
    outcomes.add("t", [outcome("e-1", 1), outcome("e-2", 5)])

    assert outcomes.drop(NOW + timedelta(hours=2)) == 1
    assert list(outcomes.since("t", NOW)) == [outcome("e-2", 5)]


def test_another_key_takes_the_place_of_the_first_and_the_first_may_go(engine: Engine) -> None:
    new = b"n" * 32
    SqlOutcomes(engine, Sealer([KEY]), [KEY]).add("t", [outcome("e-1", 1), outcome("e-2", 5)])

    assert SqlOutcomes(engine, Sealer([new, KEY]), [new, KEY]).reseal() == 2

    only_new = SqlOutcomes(engine, Sealer([new]), [new])
    only_new.add("t", [outcome("e-1", 1)])  # the same again is still the same
    assert list(only_new.since("t", NOW)) == [outcome("e-1", 1), outcome("e-2", 5)]
