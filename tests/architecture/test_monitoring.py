"""Dashboards and alert rules name only metrics that the code has; Compose hands them out."""

import json
import re
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
import yaml
from prometheus_client import CollectorRegistry
from prometheus_client.core import Metric
from tests.devices.harness import House

from wherry.adapters.sql import make_engine
from wherry.testing.inbox import FakeInbox
from wherry.testing.tally import FakeTally
from wherry_cds.board.tally_sql import SqlTally
from wherry_cds.metrics import Metrics as CdsMetrics
from wherry_cds.outcome_metrics import OutcomesCollector
from wherry_devices.accounts.cloud_metrics import CloudCollector
from wherry_devices.accounts.consents_sql import SqlFetchFigures
from wherry_devices.derivation.days_metrics import DaysCollector
from wherry_devices.freshness.freshness_metrics import FreshnessCollector
from wherry_devices.metrics import TallyCollector
from wherry_hl7.feed_metrics import FeedMetrics
from wherry_hl7.http_metrics import HttpMetrics
from wherry_hl7.inbox_metrics import InboxCollector
from wherry_risk.monitoring.findings_sql import SqlFound
from wherry_risk.monitoring.gauges import FindingsCollector

ROOT = Path(__file__).parents[2]
MONITORING = ROOT / "monitoring"
COMPOSE: dict[str, Any] = yaml.safe_load((ROOT / "docker-compose.yml").read_text())
BOARDS: list[dict[str, Any]] = [
    json.loads((MONITORING / name).read_text())
    for name in ("feeds.json", "models.json", "devices.json")
]
RULES = [
    rule
    for group in yaml.safe_load((MONITORING / "alerts.yml").read_text())["groups"]
    for rule in group["rules"]
]
MODELS: list[Metric] = list(FindingsCollector(SqlFound(make_engine("sqlite://")), "").describe())
FRESHNESS: list[Metric] = list(FreshnessCollector(House().deps()).describe())
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
# What a metric of each type is called when Prometheus asks
SAMPLES = {"counter": ("_total",), "histogram": ("_bucket", "_count", "_sum"), "gauge": ("",)}


def had() -> dict[str, set[str]]:
    """Every name that can be asked for, with its labels."""
    registry = CollectorRegistry()
    feed = FeedMetrics(registry)
    HttpMetrics(registry)
    feed.dropped.labels("not_kept")
    CdsMetrics(registry)
    metrics = [
        *registry.collect(),
        *TallyCollector(House().tally).describe(),
        *DaysCollector(House().days).describe(),
        *FRESHNESS,
        *InboxCollector(FakeInbox(), FakeTally()).describe(),
        *MODELS,
        *OutcomesCollector(SqlTally(make_engine("sqlite://")), lambda: EPOCH).describe(),
        *CloudCollector(SqlFetchFigures(make_engine("sqlite://"))).describe(),
    ]
    return {metric.name + end: set() for metric in metrics for end in SAMPLES[metric.type]}


def named(text: str) -> set[str]:
    return set(re.findall(r"\bwherry_\w+", text))


def expressions() -> list[str]:
    targets = [
        target["expr"] for board in BOARDS for panel in board["panels"]
        for target in panel["targets"]
    ]  # fmt: skip
    variables = [variable["query"] for board in BOARDS for variable in board["templating"]["list"]]
    return [*targets, *variables, *(rule["expr"] for rule in RULES)]


def test_every_metric_that_is_named_is_one_that_the_code_has() -> None:
    wanted = set().union(*map(named, expressions()))

    assert wanted - had().keys() == set()
    assert len(wanted) > 10


def test_every_metric_of_the_inbox_is_on_the_board_or_in_a_rule() -> None:
    inbox = InboxCollector(FakeInbox(), FakeTally()).describe()
    ends = {metric.name + SAMPLES[metric.type][0] for metric in inbox}

    assert ends - set().union(*map(named, expressions())) == set()


def test_every_gauge_of_the_models_is_on_a_board_or_in_a_rule() -> None:
    assert {metric.name for metric in MODELS} - set().union(*map(named, expressions())) == set()


def test_what_tells_how_fresh_devices_are_is_on_a_board_or_in_a_rule() -> None:
    ends = {metric.name + SAMPLES[metric.type][0] for metric in FRESHNESS}

    assert ends - set().union(*map(named, expressions())) == set()


def test_every_rule_says_what_is_wrong_and_what_to_do() -> None:
    for rule in RULES:
        assert set(rule) <= {"alert", "expr", "for", "labels", "annotations"}, rule["alert"]
        assert rule["labels"]["severity"] in {"page", "ticket"}
        assert set(rule["annotations"]) == {"summary", "what"}
    assert len({rule["alert"] for rule in RULES}) == len(RULES)


@pytest.mark.parametrize("board", BOARDS, ids=lambda board: str(board["uid"]))
def test_panels_have_numbers_of_their_own_and_ask_the_one_source(board: dict[str, Any]) -> None:
    panels = board["panels"]
    sources = COMPOSE["configs"]["grafana-sources"]["content"]

    assert len({panel["id"] for panel in panels}) == len(panels)
    assert {panel["datasource"]["uid"] for panel in panels} == {"prometheus"}
    assert yaml.safe_load(sources)["datasources"][0]["uid"] == "prometheus"


def test_compose_hands_the_files_to_those_who_read_them() -> None:
    given = {
        name: {one["source"]: one["target"] for one in COMPOSE["services"][name]["configs"]}
        for name in ("prometheus", "grafana")
    }
    files = {name: one["file"] for name, one in COMPOSE["configs"].items() if "file" in one}

    assert {ROOT / file for file in files.values()} == set(MONITORING.iterdir())
    assert set(files) <= given["prometheus"].keys() | given["grafana"].keys()
    prometheus = yaml.safe_load(COMPOSE["configs"]["prometheus"]["content"])
    assert prometheus["rule_files"] == [Path(given["prometheus"]["alerts"]).name]
    boards = yaml.safe_load((MONITORING / "dashboards.yml").read_text())
    folder = boards["providers"][0]["options"]["path"]
    assert str(Path(given["grafana"]["feeds-dashboard"]).parent) == folder
