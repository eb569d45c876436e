"""/chart/_calls: for developers, every call of this session as it was sent and answered."""

from dataclasses import dataclass
from datetime import UTC, datetime

from flask import render_template

from wherry.errors import Failure, Kind
from wherry_ehr.chart.exchanges import LAUNCH, MOST, Exchange, exchanges
from wherry_ehr.chart.frame import pages_of
from wherry_ehr.chart.session import signed_in
from wherry_ehr.chart.suggestions import pretty
from wherry_ehr.deps import deps

# no FHIR id has an underscore, so no patient is hidden by this address
bp = pages_of("panel", __name__, "/chart/_calls")


@dataclass(frozen=True, slots=True)
class Shown:
    """One call as it is shown."""

    call: Exchange

    @property
    def at(self) -> str:
        """When, to the second, in UTC."""
        return f"{datetime.fromtimestamp(self.call.at / 1e6, UTC):%Y-%m-%d %H:%M:%S} UTC"

    @property
    def outcome(self) -> str:
        """What came of it."""
        if self.call.kind == LAUNCH:
            return "browser sent there"
        return self.call.failure or f"answered {self.call.status}"

    @property
    def is_bad(self) -> bool:
        """Whether it came to nothing."""
        return bool(self.call.failure) or self.call.status >= 400

    @property
    def request(self) -> str:
        """The body that was sent, in lines."""
        return pretty(self.call.request) if self.call.request else ""

    @property
    def answer(self) -> str:
        """The body that came back, in lines."""
        return pretty(self.call.answer) if self.call.answer else ""


@bp.get("")
def calls() -> str:
    """The newest first."""
    found = exchanges(signed_in().hash).all()
    return render_template("chart/calls.html", calls=[Shown(one) for one in found], most=MOST)


@bp.get("/<exchange>")
def call(exchange: str) -> str:
    """One, whole. Raises: Failure(NOT_FOUND) once it is forgotten."""
    found = exchanges(signed_in().hash).one(exchange)
    if found is None:
        raise Failure(Kind.NOT_FOUND, "this call is not kept any more")
    return render_template("chart/call.html", one=Shown(found), deadline_s=deps().cds_deadline_s)
