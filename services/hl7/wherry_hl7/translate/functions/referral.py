"""RF1 and PRD: what a referral is known by, where it stands, who refers and to whom."""

from typing import Any

from wherry.fhir.identity import key
from wherry.fhir.systems import US_NPI
from wherry.hl7.segment import Segment
from wherry.resource import Identifier, Reference, Resource
from wherry_hl7.mapping.named import function
from wherry_hl7.translate.at import At, shown
from wherry_hl7.translate.converters.codes import token
from wherry_hl7.translate.converters.identifiers import authority, typed
from wherry_hl7.translate.converters.places import xon_identity
from wherry_hl7.translate.engine import Run
from wherry_hl7.translate.functions.related import number_type

# Source: HL7 table 0283 (accepted, pending, rejected, expired); FHIR R4 request-status
_STATUS = {"A": "active", "P": "active", "R": "revoked", "E": "revoked"}
# Source: HL7 table 0280; FHIR R4 request-priority
_PRIORITY = {"S": "stat", "A": "asap", "R": "routine", "U": "urgent"}
_REFERRING, _REFERRED = frozenset({"RP"}), frozenset({"RT", "CP"})  # table 0286
_CANCELLED = "I14"


@function("referral_identity")
def referral_identity(pid: Segment, at: At) -> Identifier | None:
    """The referral by the number that its sender gave it (RF1-6)."""
    del pid
    rf1 = at.near("RF1")
    rep = rf1[6].first if rf1 is not None else None
    if rep is None or not rep[1].strip():
        return None
    system = authority(rep[2], rep[3], rep[4], at.scope, default="referral")
    return {"system": at.scope.own("referral"), "value": key(system, rep[1].strip())}


@function("referral_status")
def referral_status(pid: Segment, out: Resource, at: At) -> None:
    """Cancelled by the event, else RF1-1; active when it says nothing."""
    del pid
    rf1 = at.near("RF1")
    code = token(rf1.text(1)).upper() if rf1 is not None else ""
    if code and code not in _STATUS:
        at.scope.warn("RF1-1", "not a referral status of table 0283; taken as active")
    out["status"] = "revoked" if at.scope.event == _CANCELLED else _STATUS.get(code, "active")
    _taken(rf1, at, 1)


@function("referral_priority")
def referral_priority(pid: Segment, out: Resource, at: At) -> None:
    """RF1-2."""
    del pid
    rf1 = at.near("RF1")
    if rf1 is not None and (found := _PRIORITY.get(token(rf1.text(2)).upper())):
        out["priority"] = found
        _taken(rf1, at, 2)


@function("referral_period")
def referral_period(pid: Segment, out: Resource, at: At) -> None:
    """RF1-7 to RF1-8, while the referral holds."""
    del pid
    rf1 = at.near("RF1")
    if rf1 is not None and (period := at.scope.period(rf1.text(7), rf1.text(8), "RF1-7", "RF1-8")):
        out["occurrencePeriod"] = period
        _taken(rf1, at, 7, 8)


@function("provider_identity")
def provider_identity(prd: Segment, at: At) -> Identifier | None:
    """A provider by number (PRD-7) or name (PRD-2) or organization (PRD-10), in this role."""
    role = token(prd.text(1)).upper()
    if number := prd.text(7).strip():
        parts = ("id", number, token(prd.text(7, 2)).upper())
    elif any(name := [prd.text(2, n).strip().casefold() for n in (1, 2, 3)]):
        parts = ("name", *name)  # type: ignore[assignment]  # a tuple of another length
    elif organization := prd.text(10).strip().casefold():
        parts = ("organization", organization, "")
    else:
        return None
    return {"system": at.scope.own("practitioner-role"), "value": key("provider", *parts, role)}


@function("provider_number")
def provider_number(prd: Segment, at: At) -> Identifier | None:
    """A provider by the first number (PRD-7)."""
    return next(iter(_numbers(prd, at)), None)


@function("provider_numbers")
def provider_numbers(prd: Segment, out: Resource, at: At) -> None:
    """PRD-7 (PLN: number, type, issuing authority) as identifiers."""
    more = [one for one in _numbers(prd, at) if one not in out["identifier"]]
    out["identifier"] = [*out["identifier"], *more]


@function("provider_organization")
def provider_organization(prd: Segment, at: At) -> Identifier | None:
    """The organization of a provider (PRD-10, an XON)."""
    return xon_identity(prd[10].first, at)


@function("provider_person")
def provider_person(prd: Segment, out: Resource, at: At) -> None:
    """The person just made, else by name: then nothing says who others know this person as."""
    made = at.here.get("Practitioner")
    name = at.scope.convert("XPN.HumanName", prd[2].first, at) if prd.field(2) else None
    if not name:
        return
    called = {"display": shown({"name": [name]})}
    out["practitioner"] = {**(made.reference if made else {"type": "Practitioner"}), **called}


@function("provider_employer")
def provider_employer(prd: Segment, out: Resource, at: At) -> None:
    """The organization just made."""
    del prd
    if made := at.here.get("Organization"):
        out["organization"] = made.reference


def _numbers(prd: Segment, at: At) -> list[Identifier]:
    found: list[Any] = []
    for rep in prd[7].reps:
        if number := rep[1].strip():
            kind = token(rep[2]).upper()
            of = [part for part in (rep[3].strip(), kind.lower()) if part]
            system = US_NPI if kind == "NPI" else at.scope.own("provider", *of)
            found.append({**typed(number_type(kind)), "system": system, "value": number})
    return found


@function("provider_period")
def provider_period(prd: Segment, out: Resource, at: At) -> None:
    """PRD-8 to PRD-9."""
    if period := at.scope.period(prd.text(8), prd.text(9), "PRD-8", "PRD-9"):
        out["period"] = period


@function("complete_referral")
def complete_referral(run: Run) -> None:
    """What comes after RF1 in the message: providers, visit, diagnoses, allergies, insurance."""
    referral = next((one for one in run.draft.entries if _is_referral(one["resource"])), None)
    if referral is None:
        return
    out = referral["resource"]
    for entry in run.draft.entries:
        resource, here = entry["resource"], {"reference": entry["fullUrl"]}
        _linked(out, resource, here)  # type: ignore[arg-type]  # a dict is a Reference


def _linked(out: Resource, resource: Resource, here: Reference) -> None:
    type_ = resource["resourceType"]
    if type_ == "PractitionerRole":
        codes = {c.get("code") for role in resource.get("code", ()) for c in role.get("coding", ())}
        if codes & _REFERRING:
            out.setdefault("requester", here)
        if codes & _REFERRED:
            out.setdefault("performer", []).append(here)
    elif type_ == "Encounter":
        out.setdefault("encounter", here)
    elif name := _LISTS.get(type_):
        out.setdefault(name, []).append(here)


_LISTS = {
    "Condition": "reasonReference",
    "Coverage": "insurance",
    "AllergyIntolerance": "supportingInfo",
}


def _is_referral(resource: Resource) -> bool:
    codings = [c for one in resource.get("category", ()) for c in one.get("coding", ())]
    return resource["resourceType"] == "ServiceRequest" and any(
        coding.get("code") == "3457005" for coding in codings
    )


def _taken(rf1: Segment | None, at: At, *numbers: int) -> None:
    if rf1 is not None:
        at.scope.take(rf1, frozenset(numbers))
