"""One connection is fetched: tokens renewed, pages kept, the cursor moved, in this order."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta

import structlog

from wherry.draining import wake
from wherry.errors import Failure, Kind
from wherry_devices.accounts.clouds import answered
from wherry_devices.accounts.connections import Ended, Lent, Tokens
from wherry_devices.accounts.ending import ended_by, of_new_token
from wherry_devices.accounts.registration import Registration
from wherry_devices.deps import Deps
from wherry_devices.intake.triage import SOURCE, arrival
from wherry_devices.vendors import oauth
from wherry_devices.vendors.protocol import Answer, Page, Pages, Request, Trouble, trouble

PULLED = "pulled"
"""The channel of what we fetched ourselves."""
_EARLY = timedelta(seconds=60)

log = structlog.get_logger()


@dataclass(frozen=True, slots=True)
class Span:
    """How long a fetch has a connection, in seconds: its lease between two requests, all of it."""

    lease_s: float = 60.0
    budget_s: float = 60.0


STEADY = Span()


class _Lost(Exception):
    """Somebody else has the connection now, or it was ended: nothing more is written."""


class _Troubled(Exception):
    """The vendor gave nothing; failures of our own parts are not wrapped."""

    def __init__(self, failure: Failure) -> None:
        super().__init__()
        self.failure = failure
        self.trouble = trouble(failure)


def fetch(
    lent: Lent,
    needs: Deps,
    *,
    span: Span = STEADY,
    stopping: Callable[[], bool] = lambda: False,
    told: Callable[[int], None] = lambda _pages: None,
) -> Ended | None:
    """Fetch what is new and give the connection back; None when it was lost on the way.

    `told` hears how many pages are kept so far. A run that is cut off, by `stopping` or because
    its time is up, goes on at once where it stood.
    Raises: Failure when our own inbox or database is away: then the lease runs out, and all is
    fetched again from the cursor.
    """
    registration = needs.clouds.of(lent.connection.source)
    run = _Run(
        lent, registration=registration, needs=needs, span=span, stopping=stopping, told=told
    )
    try:
        is_whole = run.to_the_end()
        ended = Ended(None, again_s=registration.interval_s if is_whole else 0.0)
    except _Lost:
        log.warning("fetch_lost", source=lent.connection.source, connection=lent.connection.id)
        return None
    except _Troubled as troubled:
        ended = ended_by(troubled.trouble, troubled.failure, of=lent.connection, at=registration)
        log.warning(
            "fetch_failed",
            source=lent.connection.source,
            connection=lent.connection.id,
            trouble=troubled.trouble.value,
            detail=troubled.failure.detail,
        )
    else:
        log.info(
            "fetched",
            source=lent.connection.source,
            connection=lent.connection.id,
            pages=run.pages,
        )
    return ended if needs.clouds.fetches.settle(lent, ended) else None


class _Run:
    """One fetch on its way."""

    def __init__(
        self,
        lent: Lent,
        *,
        registration: Registration,
        needs: Deps,
        span: Span,
        stopping: Callable[[], bool],
        told: Callable[[int], None],
    ) -> None:
        self._lent = lent
        self._at = registration
        self._needs = needs
        self._span = span
        self._stopping = stopping
        self._told = told
        self._tokens = lent.tokens
        self._cursor = lent.cursor
        self._until = self._now() + timedelta(seconds=span.budget_s)
        self.pages = 0

    def to_the_end(self) -> bool:
        """True when nothing is left. A token that is not taken is renewed once."""
        is_new = self._tokens.expires_at - _EARLY <= self._now()
        if not is_new:
            try:
                return self._fetch()
            except _Troubled as troubled:
                if troubled.trouble is not Trouble.REFUSED:
                    raise
        self._renew()
        try:
            return self._fetch()
        except _Troubled as troubled:
            troubled.trouble = of_new_token(troubled.trouble, of=self._lent.connection)
            raise

    def _fetch(self) -> bool:
        asking = self._at.vendor.pages(self._tokens.account, self._cursor, self._now())
        step = _next(asking, None)
        while step is not None:
            if isinstance(step, Page):
                self._keep(step)
                if self._stopping() or self._now() >= self._until:
                    asking.close()
                    return False
                step = _next(asking, None)
            else:
                step = _next(asking, self._ask(step, token=self._tokens.access_token))
        return True

    def _keep(self, page: Page) -> None:
        """The inbox first: a cursor that moved without it would lose the page."""
        if page.body:
            compiled = self._needs.templates.get(self._at.vendor.source)
            if compiled is None:
                raise Failure(Kind.UNSUPPORTED, "no template for this source", at="source")
            self._needs.inbox.keep([arrival(page.body, compiled, channel=PULLED)])
            wake(self._needs.queue, SOURCE)
            self.pages += 1
            self._told(self.pages)
        if page.cursor != self._cursor:
            if not self._needs.clouds.fetches.advance(self._lent, page.cursor):
                raise _Lost
            self._cursor = page.cursor

    def _renew(self) -> None:
        """New tokens are committed before they are used: the old ones end with the first use."""
        old = self._tokens
        if not old.refresh_token:
            raise _Troubled(oauth.over())
        asking = oauth.renewal(self._at.vendor, self._at.client, old.refresh_token)
        try:
            grant = answered(asking, self._ask)
        except Failure as failure:
            raise _Troubled(failure) from None
        new = Tokens(
            account=old.account,
            access_token=grant.access_token,
            refresh_token=grant.refresh_token or old.refresh_token,
            expires_at=self._now() + timedelta(seconds=grant.expires_in_s),
            number=old.number + 1,
        )
        if not self._needs.clouds.fetches.renewed(self._lent, new):
            raise _Lost
        self._tokens = new

    def _ask(self, request: Request, *, token: str = "") -> Answer:
        if not self._needs.clouds.fetches.extend(self._lent, lease_s=self._span.lease_s):
            raise _Lost
        try:
            return self._needs.clouds.cloud.ask(self._at, request, token=token)
        except Failure as failure:
            raise _Troubled(failure) from None

    def _now(self) -> datetime:
        return self._needs.clock.now()


def _next(asking: Pages, answer: Answer | None) -> Request | Page | None:
    try:
        return asking.send(answer)
    except StopIteration:
        return None
    except Failure as failure:
        raise _Troubled(failure) from None
