"""The ledger judges what is in reach of a change, and ends as if all were compared with all."""

from collections.abc import Iterator
from itertools import count

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from tests.devices.golden import SLOW
from tests.devices.sighted import sighting

from wherry.adapters.migrate import upgrade as upgrade_inbox
from wherry.adapters.sql import make_engine
from wherry_devices.duplicates.paths_sql import SqlPaths
from wherry_devices.mapping.paths import PLAIN, Name, Sighting, Stand, all_preferred
from wherry_devices.migrate import upgrade

SHARED = (HealthCheck.function_scoped_fixture,)
EXAMPLES = count(1)


@pytest.fixture(scope="module")
def ledger(tmp_path_factory: pytest.TempPathFactory) -> Iterator[SqlPaths]:
    """A ledger that many examples share, each with readings of its own."""
    url = f"sqlite:///{tmp_path_factory.mktemp('paths')}/w.db"
    upgrade_inbox(url)
    upgrade(url)
    engine = make_engine(url)
    yield SqlPaths(engine, ())
    engine.dispose()


@settings(deadline=None, max_examples=40, suppress_health_check=[*SLOW, *SHARED])
@given(
    told=st.lists(
        st.tuples(
            st.sampled_from(["withings", "ble-hub", "terra", "healthkit"]),
            st.integers(0, 24),
            st.sampled_from(["v", "w", ""]),
            st.integers(0, 2),
        ),
        max_size=24,
    ),
    together=st.integers(1, 5),
)
def test_whatever_is_noted_in_whatever_steps_ends_as_if_all_were_compared_with_all(
    told: list[tuple[str, int, str, int]], together: int, ledger: SqlPaths
) -> None:
    chain = next(EXAMPLES)
    many = [
        sighting(
            source,
            step * 20.0,
            f"{value}-{chain}" if value else "",
            name=(source, f"{source}-{chain}-{step}"),
            said_s=said,
        )
        for source, step, value, said in told
    ]
    newest: dict[Name, Sighting] = {}
    ends: dict[Name, Stand] = {}
    for start in range(0, len(many), together):
        some = {one.name: one for one in many[start : start + together]}
        for one in some.values():
            if one.name not in newest or one.said_s >= newest[one.name].said_s:
                newest[one.name] = one
        found = ledger.note(list(some.values()))
        ends |= {name: found.get(name, PLAIN) for name in some}
        checks = ledger.to_check(limit=1000)
        ends |= {check.name: check.stand for check in checks}
        ledger.checked(checks)

    wanted = all_preferred(newest.values())
    assert {name: stand.preferred for name, stand in ends.items() if stand != PLAIN} == wanted
