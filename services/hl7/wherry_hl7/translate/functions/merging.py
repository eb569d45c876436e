"""MRG says which patient, account or visit is now another one, has another number or has moved."""

from wherry.fhir.identity import full_url
from wherry.fhir.merged import REPLACED_BY, REPLACES
from wherry.hl7.segment import Segment
from wherry.resource import Identifier, Resource
from wherry_hl7 import identity
from wherry_hl7.mapping.named import function
from wherry_hl7.translate.at import At
from wherry_hl7.translate.converters.identifiers import of_cx
from wherry_hl7.translate.draft import Made

# Where a patient's former numbers stand, with the names of systems of numbers without authority.
_NUMBERS = ((1, "patient"), (4, "patient-external"), (2, "patient-alternate"))
# Events after which one thing has another number; after others two things are one.
_RENAMED = frozenset({"A45", "A49", "A50", "A51"})
# The field of MRG and of PV1 that the numbers of a visit stand in: A51 is about the alternate one.
_VISIT = (5, 19, "visit")
_VISITS = {"A51": (6, 50, "visit-alternate")}


@function("merged_identity")
def merged_identity(mrg: Segment, at: At) -> Identifier | None:
    """Who ceases to be: the most trusted number in MRG-1 that is not one of the survivor's."""
    stays = at.find("Patient")
    if stays is None:
        at.scope.warn("MRG", "nobody to merge into")
        return None
    found = _former(mrg, at)
    others = [one for one in found if not _has(stays.resource, one)]
    if found and not others:
        at.scope.warn("MRG-1", "the same patient as in PID; nothing to merge")
    return others[0] if others else None


@function("replaced_by")
def replaced_by(mrg: Segment, out: Resource, at: At) -> None:
    """Both say what became of them. Source: FHIR R4 Patient.link."""
    stays = at.find("Patient")
    if stays is None:
        return
    old: Identifier = out["identifier"][0]
    out["link"] = [{"other": stays.reference, "type": REPLACED_BY}]
    link = {
        "other": {"reference": full_url("Patient", old["system"], old["value"])},
        "type": REPLACES,
    }
    stays.resource["link"] = [*stays.resource.get("link", ()), link]
    for one in (old, *_former(mrg, at, civil=False)):
        if not _has(stays.resource, one):
            at.draft.unite("Patient", one, stays.identifier)


@function("former_numbers")
def former_numbers(mrg: Segment, out: Resource, at: At) -> None:
    """A46, A47, A48: the patient has another number; the former ones are kept as old ones."""
    patient = at.find("Patient")
    if patient is None:
        return
    for one in _former(mrg, at):
        if not _has(out, one):
            at.draft.unite("Patient", one, patient.identifier, renamed=True)
            _keep_old(out, one)


@function("moved_numbers")
def moved_numbers(mrg: Segment, out: Resource, at: At) -> None:
    """A43: what MRG-1 names belongs to the patient in PID, with all that is filed under it."""
    patient = at.find("Patient")
    if patient is None:
        return
    for one in _former(mrg, at, civil=False):
        if not _has(out, one):
            at.draft.unite("Patient", one, patient.identifier, moved=True)


@function("former_account")
def former_account(mrg: Segment, out: Resource, at: At) -> None:
    """A35, A36, A41: two accounts are one; A49: one has another number. MRG-3 and PID-18."""
    del out
    old = of_cx(mrg[3].first, at.scope, "MRG-3", unnamed="account")
    new = _account(at)
    if old is None or new is None:
        at.scope.warn("MRG-3" if old is None else "PID-18", "no account number")
        return
    at.draft.unite("Account", old, new, renamed=at.scope.event in _RENAMED)


@function("moved_account")
def moved_account(mrg: Segment, out: Resource, at: At) -> None:
    """A44: the account in PID-18, and the visits on it, are of the patient in PID now."""
    del mrg, out
    if account := _account(at):
        at.draft.moved[full_url("Account", account["system"], account["value"])] = None
    else:
        at.scope.warn("PID-18", "no account number; nothing was moved")


@function("former_visit")
def former_visit(pv1: Segment, out: Resource, at: At) -> None:
    """A42: two visits are one; A45, A50 and A51: one has another number. MRG-5 or -6 and PV1."""
    visit, mrg = at.find("Encounter"), at.near("MRG")
    if visit is None or mrg is None:
        return
    before, now, name = _VISITS.get(at.scope.event, _VISIT)
    old = of_cx(mrg[before].first, at.scope, f"MRG-{before}", unnamed=name, type_="VN")
    if old is None or not pv1.text(now):
        at.scope.warn(f"MRG-{before}" if old is None else f"PV1-{now}", "no visit number")
        return
    if not _has(out, old):
        at.draft.unite("Encounter", old, visit.identifier, renamed=at.scope.event in _RENAMED)
        _keep_old(out, old)


@function("moved_visit")
def moved_visit(pv1: Segment, out: Resource, at: At) -> None:
    """A45: the visit is of the patient in PID now, with all that was said in it."""
    del pv1, out
    visit: Made | None = at.find("Encounter")
    if visit is not None:
        at.draft.moved[visit.entry["fullUrl"]] = None


def _former(mrg: Segment, at: At, *, civil: bool = True) -> list[Identifier]:
    """The numbers in MRG-1, else MRG-4, else MRG-2, the most trusted first."""
    for number, unnamed in _NUMBERS:
        order = identity.former(mrg, number, unnamed, naming=at.scope.naming, civil=civil)
        reps = (of_cx(rep, at.scope, f"MRG-{number}", unnamed=unnamed) for rep in mrg[number].reps)
        named = {(one["system"], one["value"]): one for one in reps if one}
        if order:
            return [named[one.system, one.value] for one in order]
    return []


def _account(at: At) -> Identifier | None:
    pid = at.near("PID")
    return of_cx(pid[18].first, at.scope, "PID-18", unnamed="account") if pid else None


def _has(resource: Resource, one: Identifier) -> bool:
    name = (one["system"], one["value"])
    return any((i["system"], i["value"]) == name for i in resource["identifier"])


def _keep_old(resource: Resource, one: Identifier) -> None:
    """Add a former number, as one that is no longer used. Source: FHIR R4 Identifier.use."""
    if not _has(resource, one):
        resource["identifier"] = [*resource["identifier"], {**one, "use": "old"}]
