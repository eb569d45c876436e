"""Addresses, files and tokens of one suite become the table of its processes."""

import sys
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from wherry.suite import vendors
from wherry.suite.addresses import HOST, Addresses


@dataclass(frozen=True, slots=True)
class Process:
    """One row: what to run, what it waits for, how to see that it is ready, when to end it.

    `once`: runs to its end, exit code 0 is success. `phase`: higher phases are stopped first.
    `nice`: how far it steps back when the processors are busy; whoever owes an answer goes first.
    """

    name: str
    argv: tuple[str, ...]
    env: Mapping[str, str] = field(default_factory=dict, repr=False)
    ready: str = field(default="", repr=False)
    address: str = ""
    cwd: Path | None = None
    needs: frozenset[str] = frozenset()
    phase: int = 2
    once: bool = False
    nice: int = 0


@dataclass(frozen=True, slots=True)
class Suite:
    """What the processes of one suite have in common."""

    addresses: Addresses
    database_url: str
    ehr_database_url: str
    redis_url: str
    fhir_token: str = field(repr=False)
    open_fhir: bool = False
    smart_data_dir: str = "var/smart"
    cds_clients: str = ""
    redis: Process | None = None  # when the suite runs its own
    vendors: bool = False  # whether a sandbox stands in for vendors' clouds


def table(suite: Suite) -> tuple[Process, ...]:
    """All processes in the order in which they are shown; stopped by phase."""
    at = suite.addresses
    common = {
        "WHERRY_REDIS_URL": suite.redis_url,
        "WHERRY_DATABASE_URL": suite.database_url,
        "WHERRY_FHIR_URL": at.fhir,
        "WHERRY_FHIR_TOKEN": suite.fhir_token,
    }
    ehr = {
        **common,
        "WHERRY_EHR_DATABASE_URL": suite.ehr_database_url,
        "WHERRY_EHR_OPEN_FHIR": str(suite.open_fhir).lower(),
        "WHERRY_EHR_ISSUER": at.fhir,
        "WHERRY_EHR_SMART_URL": at.url("smart"),
        "WHERRY_EHR_CDS_URL": at.url("cds"),
    }
    feed = {
        **common,
        "WHERRY_HL7_MLLP_PORT": str(at.port("mllp")),
        "WHERRY_HL7_HEALTH_PORT": str(at.port("feed-health")),
    }
    devices_own = {**common, **(vendors.settings(at) if suite.vendors else {})}
    devices_web = {**devices_own, "WHERRY_DEVICES_PUBLIC_URL": at.url("devices")}
    risk_worker = {**common, "WHERRY_RISK_WORKER_HEALTH_PORT": str(at.port("risk-health"))}
    cds = {
        **common,
        "WHERRY_CDS_RISK_URL": at.url("risk"),
        "WHERRY_CDS_CHART_URL": at.chart,
        "WHERRY_CDS_SMART_URL": f"{at.url('smart')}/launch",
        "WHERRY_CDS_PUBLIC_URL": at.url("cds"),
        "WHERRY_CDS_CLIENTS": suite.cds_clients,
        "WHERRY_CDS_MODELS_URL": at.url("risk"),
    }
    # what a model is for and how good it is; scores stay closed
    risk_web = {**common, "WHERRY_RISK_PUBLIC_CARDS": "true"}
    smart = {
        **common,
        "WHERRY_SMART_ISSUERS": at.fhir,
        "WHERRY_SMART_PUBLIC_URL": at.url("smart"),
        "WHERRY_SMART_RISK_URL": at.url("risk"),
        "WHERRY_SMART_CDS_URL": at.url("cds"),
        "WHERRY_SMART_DATA_DIR": suite.smart_data_dir,
    }
    inbox = frozenset({"inbox-tables", *(["redis"] if suite.redis else [])})
    redis = inbox - {"inbox-tables"}
    devices, risk = inbox | {"devices-tables"}, inbox | {"risk-tables"}
    own_redis = (suite.redis,) if suite.redis else ()
    app = "wherry_devices.sandbox.wsgi:app"
    sandbox = (_web("vendors", at, {}, app=app),) if suite.vendors else ()
    return (
        *own_redis,
        _once("inbox-tables", "wherry.suite.migrate", common),
        _once("ehr-tables", "wherry_ehr.migrate", ehr),
        # the same database: after the inbox's; of the others each waits for its lock
        _once(
            "devices-tables", "wherry_devices.migrate", common, needs=frozenset({"inbox-tables"})
        ),
        _once("risk-tables", "wherry_risk.migrate", common, needs=frozenset({"inbox-tables"})),
        _once("cds-tables", "wherry_cds.migrate", common, needs=frozenset({"inbox-tables"})),
        _once("smart-tables", "wherry_smart.migrate", common, needs=frozenset({"inbox-tables"})),
        # it answers workers most of the time, and a sender waits for the feed
        _web("ehr", at, ehr, needs=frozenset({"ehr-tables"}), phase=1, nice=5),
        Process(
            "hl7-feed",
            _module("wherry_hl7.feed_main"),
            feed,
            ready=f"{at.url('feed-health')}/readyz",
            address=f"mllp://{HOST}:{at.port('mllp')}",
            needs=inbox,
        ),
        _web("hl7", at, common, needs=inbox),
        # two: one translates while the other waits for the FHIR server
        _worker("hl7-worker", "wherry_hl7", common, needs=inbox),
        _worker("hl7-worker-2", "wherry_hl7", common, needs=inbox),
        _web("devices", at, devices_web, needs=devices),
        _worker("devices-worker", "wherry_devices", devices_own, needs=devices),
        Process(
            "devices-fetcher",
            _module("wherry_devices.fetcher"),
            devices_own,
            needs=devices,
            nice=10,
        ),
        *sandbox,
        _web("risk", at, risk_web, needs=risk),
        _worker(
            "risk-worker",
            "wherry_risk",
            risk_worker,
            needs=risk,
            ready=f"{at.url('risk-health')}/readyz",
        ),
        _web("cds", at, cds, needs=redis | {"cds-tables"}),
        _web("smart", at, smart, needs=redis | {"smart-tables"}),
    )


def _module(name: str) -> tuple[str, ...]:
    return (sys.executable, "-m", name)


def _worker(
    name: str, package: str, env: Mapping[str, str], *, needs: frozenset[str], ready: str = ""
) -> Process:
    module = _module(f"{package}.worker")
    return Process(name, module, env, ready=ready, needs=needs, nice=10)


def _once(
    name: str, module: str, env: Mapping[str, str], *, needs: frozenset[str] = frozenset()
) -> Process:
    return Process(name, _module(module), env, needs=needs, phase=0, once=True)


def _web(
    name: str,
    at: Addresses,
    env: Mapping[str, str],
    *,
    needs: frozenset[str] = frozenset(),
    phase: int = 2,
    nice: int = 0,
    app: str = "",
) -> Process:
    return Process(
        name,
        (
            *_module("granian"),
            *("--interface", "wsgi", "--http", "1", "--no-ws", "--log-level", "warning"),
            *("--workers", "1", "--blocking-threads", "4", "--backpressure", "64"),
            *("--host", HOST, "--port", str(at.port(name))),
            app or f"wherry_{name}.wsgi:app",
        ),
        env,
        ready=f"{at.url(name)}/readyz",
        address=at.url(name),
        needs=needs,
        phase=phase,
        nice=nice,
    )
