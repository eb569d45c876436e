"""The device service around fakes, a clock that stands, and made-up payloads."""

import itertools
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

from prometheus_client import CollectorRegistry
from pydantic import SecretStr
from tests.devices.days import FakeDays
from tests.devices.fake_connections import FakeConnections
from tests.devices.fake_paths import FakePaths
from tests.devices.fake_tally import FakeTally
from tests.devices.fake_withings import HERE, FakeWithings, at_withings
from tests.devices.seen_fakes import FakeAudit, FakeSeen, FakeStandings

from wherry.codec import decode, encode
from wherry.draining import Pace
from wherry.errors import Failure, Kind
from wherry.networks import Network
from wherry.ports import Kept, State
from wherry.resource import Resource
from wherry.testing.changes import FakeChanges
from wherry.testing.fhir import FakeFhir
from wherry.testing.inbox import FakeInbox
from wherry.testing.queue import FakeQueue
from wherry_devices.accounts.clouds import Clouds
from wherry_devices.births import Births
from wherry_devices.deps import Deps
from wherry_devices.derivation.deriving import Pace as DerivingPace
from wherry_devices.derivation.deriving import derive
from wherry_devices.freshness.seen import Deed
from wherry_devices.intake.doors import Door
from wherry_devices.intake.signature import Scheme
from wherry_devices.intake.triage import arrival
from wherry_devices.jobs import drain, work_waits
from wherry_devices.mapping.binding import Binding
from wherry_devices.mapping.instants import Site
from wherry_devices.mapping.reading import DeviceKey
from wherry_devices.metrics import Metrics
from wherry_devices.owning.bindings import Look
from wherry_devices.template_files import load

NOW = datetime(2026, 3, 2, 12, 0, tzinfo=UTC)
SITE = Site("", NOW)
EVER = datetime(2020, 1, 1, tzinfo=UTC)
TEMPLATES = load()
PATIENT: Resource = {"resourceType": "Patient", "id": "p1"}


class StandingClock:
    """A clock that stands."""

    def __init__(self, at: datetime = NOW) -> None:
        self.at = at

    def now(self) -> datetime:
        return self.at


class FakeBindings:
    """The `Bindings` port in memory; deeds go to `audit`."""

    def __init__(self, audit: FakeAudit | None = None) -> None:
        self.audit = audit or FakeAudit()
        self.revision = 0
        self.rows: dict[tuple[str, datetime], tuple[Binding, int]] = {}
        self.waiting: dict[int, dict[str, int]] = {}

    def look(self, keys: Sequence[str], message_id: int) -> Look:
        found: dict[str, list[Binding]] = {}
        for binding, _ in self.rows.values():
            if binding.key in keys:
                found.setdefault(binding.key, []).append(binding)
        return Look(self.revision, found, message_id in self.waiting)

    def put(self, binding: Binding, deeds: Sequence[Deed] = ()) -> None:
        at = (binding.key, binding.valid_from)
        for where, (other, _) in self.rows.items():
            same = where == at and other.patient == binding.patient
            if other.key == binding.key and not same and other.overlaps(binding):
                raise Failure(Kind.CONFLICT, "bound already", at="valid_from")
        self.audit.note(deeds)
        if at in self.rows and self.rows[at][0] == binding:
            return
        self.revision += 1
        self.rows[at] = (binding, self.revision)

    def search(self, *, key: str = "", patient: str = "", limit: int = 1000) -> list[Binding]:
        rows = sorted(self.rows.items(), key=lambda row: row[0])
        found = [one for _, (one, _) in rows]
        return [one for one in found if key in ("", one.key) and patient in ("", one.patient)][
            :limit
        ]

    def holding(
        self, at: datetime, *, key: str = "", patient: str = "", after: str = "", limit: int = 1000
    ) -> list[Binding]:
        found = self.search(key=key, patient=patient)
        return [one for one in found if one.holds(at) and one.key > after][:limit]

    def wait(self, message_id: int, keys: Sequence[str], *, seen: int) -> None:
        self.waiting.pop(message_id, None)
        if keys:
            self.waiting[message_id] = dict.fromkeys(keys, seen)

    def released(self) -> list[int]:
        newest = {key: 0 for key, _ in self.rows}
        for (key, _), (_, revision) in self.rows.items():
            newest[key] = max(newest[key], revision)
        return sorted(
            id_
            for id_, keys in self.waiting.items()
            if any(newest.get(key, 0) > seen for key, seen in keys.items())
        )


def _inbox() -> FakeInbox:
    """An inbox whose clock, which begins with 2026, stands at NOW."""
    inbox = FakeInbox()
    inbox.time_s = (NOW - datetime(2026, 1, 1, tzinfo=UTC)).total_seconds()
    return inbox


@dataclass
class House:
    """A device service whose parts a test can look into."""

    inbox: FakeInbox = field(default_factory=_inbox)
    changes: FakeChanges = field(default_factory=FakeChanges)
    queue: FakeQueue = field(default_factory=FakeQueue)
    fhir: FakeFhir = field(default_factory=lambda: FakeFhir(PATIENT, {**PATIENT, "id": "p2"}))
    tally: FakeTally = field(default_factory=FakeTally)
    paths: FakePaths = field(default_factory=FakePaths)
    seen: FakeSeen = field(default_factory=FakeSeen)
    audit: FakeAudit = field(default_factory=FakeAudit)
    days: FakeDays = field(default_factory=FakeDays)
    standings: FakeStandings = field(default_factory=FakeStandings)
    bindings: FakeBindings = field(init=False)
    clock: StandingClock = field(default_factory=StandingClock)
    withings: FakeWithings = field(default_factory=FakeWithings)
    connections: FakeConnections = field(init=False)
    notify_url: str = ""
    signatures: Mapping[str, Scheme] = field(default_factory=dict)
    doors: Mapping[str, Door] = field(default_factory=dict)
    proxies: tuple[Network, ...] = ()
    token: SecretStr | None = None
    max_payload_bytes: int = 100_000
    zone: str = ""

    def __post_init__(self) -> None:
        self.bindings = FakeBindings(self.audit)
        self.connections = FakeConnections(self.bindings)
        self.secrets = (f"state-or-verifier-{number}" for number in itertools.count(1))

    def clouds(self) -> Clouds:
        kept = self.connections
        return Clouds(
            registrations={"withings": at_withings(notify_url=self.notify_url)},
            cloud=self.withings,
            connections=kept,
            fetches=kept,
            consents=kept,
            figures=kept,
            public_url=HERE,
            secret=lambda: next(self.secrets),
        )

    def deps(self) -> Deps:
        registry = CollectorRegistry()
        return Deps(
            inbox=self.inbox,
            desk=self.inbox,
            changes=self.changes,
            queue=self.queue,
            fhir=self.fhir,
            clock=self.clock,
            bindings=self.bindings,
            tally=self.tally,
            paths=self.paths,
            births=Births(self.fhir),
            seen=self.seen,
            audit=self.audit,
            clouds=self.clouds(),
            days=self.days,
            standings=self.standings,
            templates=TEMPLATES,
            registry=registry,
            metrics=Metrics(registry),
            signatures=self.signatures,
            doors=self.doors,
            proxies=self.proxies,
            token=self.token,
            zone=self.zone,
            max_payload_bytes=self.max_payload_bytes,
        )

    def bind(
        self,
        name: str,
        patient: str = "p1",
        *,
        kind: str = "device",
        source: str = "withings",
        since: datetime = EVER,
        until: datetime | None = None,
        every: timedelta | None = None,
        zone: str = "",
    ) -> str:
        key = DeviceKey(source, kind, name).opaque
        unit = DeviceKey(source, kind, name.partition("#")[0]).opaque
        self.bindings.put(Binding(key, source, patient, since, until, "nurse 7", unit, every, zone))
        return key

    def keep(self, payload: Any, source: str = "withings") -> int:
        body = payload if isinstance(payload, bytes) else encode(payload)
        return self.inbox.keep([arrival(body, TEMPLATES[source], channel="trusted")])[0]

    def sweep(self) -> bool:
        """What the worker does every other second."""
        self.inbox.time_s += 1
        return work_waits(self.deps())

    def work(self) -> int:
        return drain(self.deps(), owner="worker", pace=Pace())

    def derive(self, *, quiet_s: float = 0) -> int:
        return derive(self.deps(), owner="worker", pace=DerivingPace(quiet_s))

    def message(self, id_: int) -> Kept:
        return self.inbox.get(id_)

    def ended(self, id_: int) -> tuple[State, str]:
        kept = self.inbox.get(id_)
        return kept.state, kept.reason


def measure(type_: int, value: int, unit: int = 0) -> dict[str, int]:
    return {"type": type_, "value": value, "unit": unit}


def group(number: int, *measures: dict[str, int], **more: Any) -> dict[str, Any]:
    """A Withings measure group, one minute after the other from 2026-03-01T08:00Z; synthetic."""
    at = 1_772_352_000 + 60 * number
    return {
        "grpid": 9000 + number,
        "attrib": 0,
        "date": at,
        "modified": at + 10,
        "category": 1,
        "deviceid": "cuff-1",
        "model": "BPM Demo",
        "measures": list(measures),
        **more,
    }


def getmeas(*groups: dict[str, Any], **more: Any) -> dict[str, Any]:
    """A Withings answer; synthetic."""
    body = {"timezone": "Europe/Berlin", "measuregrps": list(groups)}
    return {"status": 0, "body": body, **more}


def data_point(name: str, body: dict[str, Any], **header: Any) -> dict[str, Any]:
    """An Open mHealth data point of 2026-03-01; synthetic."""
    return {
        "header": {
            "id": "00000000-0000-4000-8000-000000000001",
            "creation_date_time": "2026-03-01T09:00:05+01:00",
            "schema_id": {"namespace": "omh", "name": name, "version": "1.0"},
            "acquisition_provenance": {"source_name": "Demo App", "modality": "sensed"},
            "user_id": "user-1",
            **header,
        },
        "body": {"effective_time_frame": {"date_time": "2026-03-01T09:00:00+01:00"}, **body},
    }


def as_received(value: Any) -> Any:
    """A payload as the service sees it: through JSON, numbers as Decimal."""
    return decode(encode(value))
