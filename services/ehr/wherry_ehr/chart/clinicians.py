"""The made-up clinicians of the sandbox, as people to sign in and as Practitioner resources."""

from dataclasses import dataclass
from datetime import datetime

from wherry.codec import encode
from wherry.resource import Resource
from wherry_ehr.store.sql_store import SqlStore
from wherry_ehr.write.carry_out import Stamp, carry_out
from wherry_ehr.write.intent import Intent
from wherry_ehr.write.told import told_in


@dataclass(frozen=True, slots=True)
class Clinician:
    """Somebody who may sign in; nobody of this name works anywhere."""

    id: str
    given: str
    family: str
    role: str

    @property
    def name(self) -> str:
        """As it is shown."""
        return f"{self.given} {self.family}"


CLINICIANS = (
    Clinician("sandbox-clinician-1", "Ada", "Sandboxer", "Physician"),
    Clinician("sandbox-clinician-2", "Theo", "Sandboxer", "Nurse"),
)


def clinician(id_: str) -> Clinician | None:
    """The one of this id."""
    return next((each for each in CLINICIANS if each.id == id_), None)


def practitioner(who: Clinician) -> Resource:
    """The resource that `fhirUser` names."""
    return {
        "resourceType": "Practitioner",
        "id": who.id,
        "active": True,
        "name": [{"use": "official", "given": [who.given], "family": who.family}],
        "qualification": [{"code": {"text": who.role}}],
    }


def make_known(who: Clinician, store: SqlStore, *, now: datetime, seed: str) -> None:
    """Put the Practitioner into the store; nothing is written when it is there already."""
    intent = Intent(
        at="Practitioner",
        method="PUT",
        type="Practitioner",
        id=who.id,
        told=told_in(encode(practitioner(who))),
    )
    with store.writing() as view:
        carry_out([intent], view, Stamp(now, seed))
