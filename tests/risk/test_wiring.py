"""Settings reach the models and the worker."""

import socket
from datetime import timedelta
from pathlib import Path

import pytest
from prometheus_client import CollectorRegistry, generate_latest
from pydantic import ValidationError

from wherry.adapters.changes_sql import SqlChanges
from wherry.adapters.migrate import upgrade
from wherry.adapters.sql import make_engine
from wherry.testing.changes import FakeChanges
from wherry_risk.changes_metrics import ChangesCollector
from wherry_risk.settings import Settings
from wherry_risk.wiring import wire
from wherry_risk.worker import show_pages


def test_a_sites_limits_reach_news2(tmp_path: Path) -> None:
    settings = Settings(
        database_url=f"sqlite:///{tmp_path}/wherry.db",
        news2_max_age_min=90,
        news2_window_min=30,
        news2_oxygen_max_age_min=480,
    )

    spec = wire(settings).models["news2"].spec

    ages = {one.name: one.max_age for one in spec.inputs}
    assert (spec.window, ages["pulse"], ages["supplemental-oxygen"]) == (
        timedelta(minutes=30),
        timedelta(minutes=90),
        timedelta(minutes=480),
    )


@pytest.mark.parametrize("name", ["news2_max_age_min", "news2_window_min", "batch", "lease_s"])
def test_limits_of_zero_are_refused(name: str) -> None:
    with pytest.raises(ValidationError):
        Settings.model_validate({name: 0})


def test_news2_takes_no_self_entered_values_unless_the_site_says_so(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path}/wherry.db"

    sites = (Settings(database_url=url), Settings(database_url=url, news2_self_entered=True))
    taken = [wire(site).models["news2"].spec.self_entered for site in sites]

    assert taken == [False, True]


def test_pauses_between_attempts_double_up_to_a_quarter_of_an_hour() -> None:
    settings = Settings(retries=8, retry_pause_s=15)

    assert settings.pauses == (15, 30, 60, 120, 240, 480, 900, 900)


def test_the_metrics_count_who_waits_and_who_is_aside(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path}/wherry.db"
    upgrade(url)
    engine = make_engine(url)
    changes = SqlChanges(engine)
    changes.mark(["p-1", "p-2", "p-3"])
    lent = changes.due(owner="risk", limit=1, quiet_s=0, lease_s=9)
    changes.put_off(lent[0], reason="made up", pauses=())
    engine.dispose()

    told = generate_latest(wire(Settings(database_url=url)).registry).decode()

    assert 'wherry_risk_changed_patients{state="aside"} 1.0' in told
    assert 'wherry_risk_changed_patients{state="waiting"} 2.0' in told


def test_while_the_database_is_away_the_metrics_say_nothing_of_it() -> None:
    registry, changes = CollectorRegistry(), FakeChanges()
    registry.register(ChangesCollector(changes))
    changes.away = True

    assert generate_latest(registry) == b""


def test_the_worker_shows_its_pages_unless_they_are_off(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path}/wherry.db"
    off = Settings(database_url=url, worker_health_port=0)

    assert show_pages(wire(off), off) is None


def test_a_port_that_is_taken_does_not_stop_the_worker(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        settings = Settings(database_url=f"sqlite:///{tmp_path}/wherry.db", worker_health_port=port)

        assert show_pages(wire(settings), settings) is None
    assert "pages_not_started" in capsys.readouterr().out
