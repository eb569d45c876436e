"""A patient's id becomes what every page about the patient starts from: banner and encounter."""

from dataclasses import dataclass

from wherry_ehr.auth.records import Session
from wherry_ehr.auth.registry import registered
from wherry_ehr.chart.advice import Fired
from wherry_ehr.chart.banner import Banner, banner
from wherry_ehr.chart.exchanges import Exchange
from wherry_ehr.chart.reader import ChartReader, StoreReader
from wherry_ehr.chart.session import signed_in
from wherry_ehr.chart.shown import Advice, advice_of
from wherry_ehr.chart.stay import Stay, current
from wherry_ehr.deps import deps
from wherry_ehr.here import here


@dataclass(frozen=True, slots=True)
class Opened:
    """Whose chart is open, and the stay that is going on, if there is any."""

    who: Banner
    stay: Stay | None
    session: Session

    def fired(self, hook: str, more: dict[str, object] | None = None) -> Fired:
        """This hook, fired by this clinician for this patient."""
        return Fired(
            session=self.session,
            patient=self.who.id,
            encounter=self.stay.id if self.stay else "",
            base=here().fhir,
            origin=here().origin,
            hook=hook,
            more=more or {},
        )


def opened(patient_id: str) -> Opened:
    """The chart of this patient. Raises: Failure(NOT_FOUND, UNAUTHENTICATED)."""
    session, record = signed_in(), reader()
    who = banner(record.read("Patient", patient_id), today=deps().clock.now().date())
    about = {"patient": who.id, "_sort": "-date"}
    return Opened(who, current(record.search("Encounter", about, limit=50)), session)


def advice_on(made: list[Exchange], patient_id: str) -> Advice:
    """What these calls came to; links to this patient's own chart are left out."""
    return advice_of(made, registered().all(), page=f"{here().origin}/chart/{patient_id}")


def reader() -> ChartReader:
    """The store that this app answers from."""
    return StoreReader(deps().store, deps().clock)
