"""Opening a chart fires patient-view: cards come back, or words that say why there are none."""

import contextvars
from collections.abc import Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor, wait
from dataclasses import dataclass
from datetime import timedelta
from time import monotonic
from typing import Any, TypeVar

import structlog

from wherry.codec import encode
from wherry.errors import Failure, Kind
from wherry_ehr.auth.records import Grant, Session
from wherry_ehr.auth.registry import Registered
from wherry_ehr.auth.vault import Vault
from wherry_ehr.chart.cards import Card, by_urgency, cards, shown
from wherry_ehr.chart.hooks import Hooks, Offered
from wherry_ehr.chart.prefetch import prefetched, types_in
from wherry_ehr.deps import Deps

log = structlog.get_logger()

_T = TypeVar("_T")
_Call = tuple[Offered, "Future[Mapping[str, Any]]"]

HOOK = "patient-view"
# The services of the suite that a chart asks, in the order in which equally urgent cards are shown
SERVICES = ("deterioration", "early-warning")
# Its card has all that the other one's has: NEWS2 beside the estimate, or in its place. Both are
# asked, so that one is there when the other is late.
HOLDS = {"deterioration": "early-warning"}
TOKEN_LIFE = timedelta(minutes=5)
CLIENT = "wherry-cds"


@dataclass(frozen=True, slots=True)
class Advice:
    """Cards by urgency, and why a service has none."""

    cards: tuple[Card, ...] = ()
    missing: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Opened:
    """Who opened whose chart, at which address; `encounter` may be empty."""

    session: Session
    patient: str
    encounter: str
    base: str
    page: str

    @property
    def context(self) -> dict[str, str]:
        """Source: CDS Hooks library, patient-view 1.0, Context."""
        filled = {
            "userId": f"Practitioner/{self.session.practitioner}",
            "patientId": self.patient,
            "encounterId": self.encounter,
        }
        return {name: value for name, value in filled.items() if value}


def advice(opened: Opened, deps: Deps) -> Advice:
    """Ask every service at once; none is waited for longer than the deadline."""
    hooks, ends = deps.hooks, monotonic() + deps.cds_deadline_s
    if hooks is None:
        return Advice(missing=("no decision support service is set up",))
    pool = ThreadPoolExecutor(max_workers=1 + len(SERVICES))
    try:
        listed = pool.submit(hooks.offered, timeout_s=deps.cds_deadline_s)
        offered = _chosen(_result(listed, ends - monotonic()))
        calls = [
            (one, _start(pool, hooks, one, _request(one, opened, deps), ends - monotonic()))
            for one in offered
        ]
        wait([call for _, call in calls], timeout=max(0.0, ends - monotonic()))
        return _together(calls, opened, deps)
    except Failure as failure:
        log.warning("advice_missing", reason=failure.detail)
        return Advice(missing=(f"the decision support service: {failure.detail}",))
    finally:
        pool.shutdown(wait=False, cancel_futures=True)


def _chosen(offered: list[Offered]) -> list[Offered]:
    ours = {one.id: one for one in offered if one.hook == HOOK}
    return [ours[id_] for id_ in SERVICES if id_ in ours]


def _start(
    pool: ThreadPoolExecutor, hooks: Hooks, one: Offered, body: bytes, left_s: float
) -> "Future[Mapping[str, Any]]":
    """A call in a thread of its own, which logs under this request's id."""
    here = contextvars.copy_context()
    return pool.submit(here.run, lambda: hooks.call(one.id, body, timeout_s=max(0.01, left_s)))


def _request(one: Offered, opened: Opened, deps: Deps) -> bytes:
    """Source: CDS Hooks 2.0, HTTP Request; Passing the Access Token to the CDS Service."""
    body: dict[str, Any] = {
        "hook": HOOK,
        "hookInstance": deps.new_id(),
        "fhirServer": opened.base,
        "context": opened.context,
        "prefetch": prefetched(one.prefetch, opened.context, base=opened.base, deps=deps),
    }
    if scope := " ".join(f"patient/{type_}.rs" for type_ in types_in(one.prefetch)):
        grant = Grant(
            client_id=CLIENT,
            practitioner=opened.session.practitioner,
            patient=opened.patient,
            scope=scope,
            aud=opened.base,
        )
        lent = Vault(deps.store.engine).lend(grant, opened.session, deps.clock.now(), TOKEN_LIFE)
        body["fhirAuthorization"] = {
            "access_token": lent,
            "token_type": "Bearer",
            "expires_in": int(TOKEN_LIFE.total_seconds()),
            "scope": scope,
            "subject": CLIENT,
            "patient": opened.patient,
        }
    return encode(body)


def _together(calls: Sequence[_Call], opened: Opened, deps: Deps) -> Advice:
    found: dict[str, list[Card]] = {}
    clients = Registered(deps.store.engine, deps.clients).all()
    missing: list[str] = []
    for one, call in calls:
        try:
            made = cards(_result(call, 0.0), clients, page=opened.page)
            found[one.id] = made
            missing += [] if made else [f"{one.title}: it sent no card"]
        except Failure as failure:
            log.warning("advice_missing", service=one.id, reason=failure.detail)
            missing.append(f"{one.title}: {failure.detail}")
    if not calls:
        missing.append("the decision support service offers none for this view")
    return Advice(by_urgency(shown(found, HOLDS)), tuple(missing))


def _result(call: "Future[_T]", left_s: float) -> _T:
    """What a thread found. Raises: Failure(UNAVAILABLE) when it is still at it."""
    try:
        return call.result(timeout=max(0.0, left_s))
    except TimeoutError:
        raise Failure(Kind.UNAVAILABLE, "it did not answer in time") from None
