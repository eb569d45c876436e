"""A call of a CDS service is signed, sent and timed; what was sent and answered is kept."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from time import monotonic
from typing import Any

import msgspec

from wherry.codec import encode
from wherry.errors import Failure
from wherry_ehr.chart.cds_key import JWKS_PATH, signed
from wherry_ehr.chart.cds_servers import CdsServer, CdsServers
from wherry_ehr.chart.exchanges import MASK, Exchange, masked, micros
from wherry_ehr.chart.hooks import Hooks
from wherry_ehr.deps import Deps

LATE = "it did not answer in time"


@dataclass(frozen=True, slots=True)
class Caller:
    """For whom and about whom calls are made, and how this EHR is known to those called."""

    deps: Deps = field(repr=False)
    patient: str
    occasion: str
    issuer: str
    origin: str

    def call(
        self,
        server: CdsServer,
        draft: Mapping[str, Any],
        method: str,
        url: str,
        body: Mapping[str, Any] | None = None,
        *,
        secret: str = "",
    ) -> "Call":
        """A call that is ready to be sent; `secret` is a token inside the body."""
        now = self.deps.clock.now()
        bearer = signed(
            self.deps.store.engine,
            issuer=self.issuer,
            jku=f"{self.origin}{JWKS_PATH}",
            url=url,
            jti=self.deps.new_id(),
            now=now,
        )
        content = None if body is None else encode(body)
        kept = Exchange(
            id=self.deps.new_id(),
            occasion=self.occasion,
            at=micros(now),
            patient=self.patient,
            method=method,
            url=url,
            server=server.id,
            headers={"Authorization": f"Bearer {MASK}", "Accept": "application/json"},
            request=masked((content or b"").decode(), [secret, bearer]),
            failure=LATE,
            **draft,
        )
        return Call(kept, content, bearer, (secret, bearer))


@dataclass(frozen=True, slots=True)
class Call:
    """One request; `kept` is how it is noted, as long as nothing has answered."""

    kept: Exchange = field(repr=False)
    content: bytes | None = field(repr=False)
    bearer: str = field(repr=False)
    secrets: tuple[str, ...] = field(repr=False)

    def send(self, hooks: Hooks, timeout_s: float) -> Exchange:
        """The request with its answer, or with the reason why there is none."""
        began = monotonic()
        try:
            heard = hooks.ask(
                self.kept.method,
                self.kept.url,
                self.content,
                bearer=self.bearer,
                timeout_s=max(0.01, timeout_s),
            )
        except Failure as failure:
            return msgspec.structs.replace(self.kept, failure=failure.detail, ms=_since(began))
        return msgspec.structs.replace(
            self.kept,
            status=heard.status,
            answer=masked(heard.body.decode(errors="replace"), self.secrets),
            failure="",
            ms=_since(began),
        )


def cds_servers(deps: Deps) -> CdsServers:
    """Every CDS service that may be called."""
    return CdsServers(deps.store.engine, deps.cds_servers, deps.cds_allowed)


def _since(began: float) -> int:
    return int((monotonic() - began) * 1000)
