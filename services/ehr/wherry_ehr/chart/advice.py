"""A hook fires: every service that offers it is asked, and answers, or words that say why not."""

import contextvars
from collections.abc import Mapping
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from dataclasses import dataclass, field
from datetime import timedelta
from time import monotonic
from typing import Any

import structlog

from wherry.errors import Failure
from wherry_ehr.auth.records import Grant, Session
from wherry_ehr.auth.vault import Vault
from wherry_ehr.chart.calling import Call, Caller, cds_servers
from wherry_ehr.chart.cds_servers import CdsServer
from wherry_ehr.chart.exchanges import DISCOVERY, HOOK, Exchange, Exchanges
from wherry_ehr.chart.hooks import Heard, Hooks, Offered, catalogue, discovery, endpoint
from wherry_ehr.chart.prefetch import prefetched, types_in
from wherry_ehr.deps import Deps

log = structlog.get_logger()

# In which order equally urgent cards are shown; what is not named comes after
SERVICES = ("deterioration", "early-warning")
TOKEN_LIFE = timedelta(minutes=5)
MOST_SERVICES = 12

_Pending = tuple[Call, "Future[Exchange]"]


@dataclass(frozen=True, slots=True)
class Fired:
    """Who did what with whose chart, at which address; `encounter` may be empty.

    `more` is the hook's own context. It holds no tokens of templates.
    """

    session: Session
    patient: str
    encounter: str
    base: str
    origin: str
    hook: str = "patient-view"
    more: Mapping[str, Any] = field(default_factory=dict, repr=False)

    @property
    def context(self) -> dict[str, str]:
        """Source: CDS Hooks library 1.0, Context of each hook."""
        filled = {
            "userId": f"Practitioner/{self.session.practitioner}",
            "patientId": self.patient,
            "encounterId": self.encounter,
        }
        return {name: value for name, value in filled.items() if value}


def fire(fired: Fired, occasion: str, deps: Deps) -> list[Exchange]:
    """Ask every service at once; none is waited for longer than the deadline.

    What was asked and answered is kept under `occasion`.
    """
    if deps.hooks is None:
        return []
    caller = Caller(deps, fired.patient, occasion, fired.base, fired.origin)
    pool = ThreadPoolExecutor(max_workers=MOST_SERVICES)
    ends = monotonic() + deps.cds_deadline_s
    try:
        made = _asked(fired, caller, deps.hooks, pool, ends)
    finally:
        pool.shutdown(wait=False, cancel_futures=True)
    now = deps.clock.now()
    Exchanges(deps.store.engine, fired.session.hash).keep(made, now)
    for one in made:
        if one.failure:
            log.warning("cds_call_failed", service=one.service, reason=one.failure)
    return made


def _asked(
    fired: Fired, caller: Caller, hooks: Hooks, pool: ThreadPoolExecutor, ends: float
) -> list[Exchange]:
    listing: dict[Future[Exchange], tuple[CdsServer, Call]] = {}
    for server in cds_servers(caller.deps).all():
        draft = {"kind": DISCOVERY, "title": server.name, "hook": fired.hook}
        call = caller.call(server, draft, "GET", discovery(server.url))
        listing[_start(pool, hooks, call, ends)] = server, call
    made: list[Exchange] = []
    calls: list[_Pending] = []
    while listing and (left := ends - monotonic()) > 0:
        # a server that is slow must not keep the others waiting
        done, _ = wait(listing, timeout=left, return_when=FIRST_COMPLETED)
        for future in done:
            server, _ = listing.pop(future)
            made.append(future.result())
            for one in _chosen(made[-1], fired.hook)[: MOST_SERVICES - len(calls)]:
                call = _call(one, server, fired, caller)
                calls.append((call, _start(pool, hooks, call, ends)))
    made += [call.kept for _, call in listing.values()]
    wait([future for _, future in calls], timeout=max(0.0, ends - monotonic()))
    return [*made, *(_result(pending) for pending in calls)]


def _chosen(found: Exchange, hook: str) -> list[Offered]:
    if found.failure:
        return []
    try:
        offered = catalogue(Heard(found.status, found.answer.encode()))
    except Failure:  # the page reads it too, and says what is wrong (shown.py)
        return []
    ours = [one for one in offered if one.hook == hook and one.id]
    return sorted(ours, key=lambda one: rank(one.id))


def rank(service: str) -> int:
    """The place of a service among the others."""
    return SERVICES.index(service) if service in SERVICES else len(SERVICES)


def _start(pool: ThreadPoolExecutor, hooks: Hooks, call: Call, ends: float) -> "Future[Exchange]":
    """A call in a thread of its own, which logs under this request's id."""
    here = contextvars.copy_context()
    return pool.submit(here.run, lambda: call.send(hooks, ends - monotonic()))


def _call(one: Offered, server: CdsServer, fired: Fired, caller: Caller) -> Call:
    """Source: CDS Hooks 2.0, HTTP Request; Passing the Access Token to the CDS Service."""
    deps = caller.deps
    body: dict[str, Any] = {
        "hook": fired.hook,
        "hookInstance": deps.new_id(),
        "fhirServer": fired.base,
        "context": {**fired.context, **fired.more},
    }
    if found := prefetched(one.prefetch, fired.context, base=fired.base, deps=deps):
        body["prefetch"] = found
    lent = ""
    if scope := " ".join(f"patient/{type_}.rs" for type_ in types_in(one.prefetch)):
        lent = _lend(scope, server.id, fired, deps)
        body["fhirAuthorization"] = {
            "access_token": lent,
            "token_type": "Bearer",
            "expires_in": int(TOKEN_LIFE.total_seconds()),
            "scope": scope,
            "subject": server.id,
            "patient": fired.patient,
        }
    draft = {"kind": HOOK, "service": one.id, "title": one.title, "hook": fired.hook}
    return caller.call(server, draft, "POST", endpoint(server.url, one.id), body, secret=lent)


def _lend(scope: str, client: str, fired: Fired, deps: Deps) -> str:
    grant = Grant(
        client_id=client,
        practitioner=fired.session.practitioner,
        patient=fired.patient,
        scope=scope,
        aud=fired.base,
    )
    return Vault(deps.store.engine).lend(grant, fired.session, deps.clock.now(), TOKEN_LIFE)


def _result(pending: _Pending) -> Exchange:
    """What a thread found; what it was asked, when it is still at it."""
    call, future = pending
    return future.result() if future.done() and not future.cancelled() else call.kept
