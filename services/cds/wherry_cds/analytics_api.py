"""GET /v1/analytics, as JSON and as a page: what came of the cards of a tenant."""

import re
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from flask import Blueprint, Response, render_template, request

from wherry.codec import encode
from wherry.errors import Failure, Kind
from wherry_cds.analytics import BY, Figures, Share, alarms, by, figures, reasons
from wherry_cds.board.port import Outcome
from wherry_cds.deps import Deps, deps

MOST_CARDS = 100_000
_DAYS = (1, 365)
_TENANT = re.compile(r"[A-Za-z0-9._-]{1,64}", re.ASCII)

bp = Blueprint("analytics", __name__, url_prefix="/v1", template_folder="templates")


@dataclass(frozen=True, slots=True)
class Period:
    """The cards of a tenant in some days, and figures of as many days before."""

    tenant: str
    days: int
    until: datetime
    outcomes: list[Outcome]
    before: Figures

    @property
    def now(self) -> Figures:
        """All of them."""
        return figures(self.outcomes)

    @property
    def whole(self) -> bool:
        """False when there were more cards than are counted."""
        return len(self.outcomes) < MOST_CARDS


@bp.get("/analytics")
def analytics() -> Response:
    """Figures with 95 % intervals, in all and by service, role, unit, tier and model version."""
    return Response(encode(as_json(_period(deps()))), content_type="application/json")


@bp.get("/analytics/page")
def page() -> Response:
    """The same for people, on one page without scripts."""
    told = as_json(_period(deps()))
    answer = Response(
        render_template("cds/analytics.html", **told, names=_NAMES, reasons_of=_REASONS)
    )
    answer.headers["Content-Security-Policy"] = "default-src 'none'; style-src 'unsafe-inline'"
    answer.headers["Cache-Control"] = "no-store"
    return answer


_NAMES = {
    "service": "Service",
    "tier": "Tier",
    "role": "Role",
    "unit": "Unit",
    "model": "Model and version",
}
_REASONS = {
    "action-completed": "Already addressed",
    "patient-ineligible": "Not applicable to this patient",
    "need-more-info": "Data wrong or out of date",
    "inappropriate-recipient": "Not my patient or role",
    "recipient-does-not-trust": "Disagree with the score",
    "wrong-time-workflow": "Will monitor, or later",
}


def _period(needs: Deps) -> Period:
    if unknown := request.args.keys() - {"tenant", "days"}:
        raise Failure(Kind.INVALID, f"{len(unknown)} parameters are not known", at="query")
    tenant = request.args.get("tenant", "") or needs.app_tenant
    if not _TENANT.fullmatch(tenant):
        raise Failure(Kind.INVALID, "no tenant has this name", at="tenant")
    days = request.args.get("days", "30")
    least, most = _DAYS
    if not (days.isascii() and days.isdigit() and len(days) <= 3 and least <= int(days) <= most):
        raise Failure(Kind.INVALID, f"days are {least} to {most}", at="days")
    return period(needs, tenant, int(days))


def period(needs: Deps, tenant: str, days: int) -> Period:
    """The cards of the last days, and figures of as many days before them."""
    until, span = needs.clock.now(), timedelta(days=days)
    later = until + timedelta(seconds=1)
    board = needs.board
    outcomes = board.shown(tenant, since=until - span, until=later, limit=MOST_CARDS)
    earlier = board.shown(tenant, since=until - 2 * span, until=until - span, limit=MOST_CARDS)
    return Period(tenant, days, until, outcomes, figures(earlier))


def as_json(found: Period) -> dict[str, Any]:
    """The body of the answer."""
    return {
        "tenant": found.tenant,
        "days": found.days,
        "until": found.until.isoformat(),
        "complete": found.whole,
        "all": _figures(found.now),
        "before": _figures(found.before),
        "by": {
            name: {group: _figures(one) for group, one in by(found.outcomes, name).items()}
            for name in BY
        },
        "reasons": {name: _share(one) for name, one in reasons(found.outcomes).items()},
        "alarms": alarms(found.now, found.before),
    }


def _figures(one: Figures) -> dict[str, Any]:
    return {
        "cards": one.cards,
        "accepted": _share(one.accepted),
        "overridden": _share(one.overridden),
        "ignored": _share(one.ignored),
        "median_seconds_to_action": one.median_s,
    }


def _share(one: Share) -> dict[str, Any]:
    low, high = one.interval or (None, None)
    return {"count": one.count, "share": one.value, "low": low, "high": high}
