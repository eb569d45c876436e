"""SPM and SAC: what a specimen is known by, its state, its parents and its containers."""

from typing import Any

from wherry.fhir.identity import full_url, key
from wherry.hl7.segment import Rep, Segment
from wherry.resource import Identifier, Reference, Resource
from wherry_hl7.mapping.named import function
from wherry_hl7.translate.at import At
from wherry_hl7.translate.converters.codes import concept
from wherry_hl7.translate.converters.identifiers import of_ei
from wherry_hl7.translate.converters.numbers import number, unit_of
from wherry_hl7.translate.functions.report import order_key

_HL7 = "http://terminology.hl7.org/CodeSystem/v2-"
# Components of an EIP and the kinds of identifier in them. Source: HL7 v2.5.1 §2.A.28; table 0203.
# The IG says PGN and FGN there, which are numbers of groups.
_NUMBERS = ((1, "PLAC"), (2, "FILL"))


@function("specimen_identity")
def specimen_identity(spm: Segment, at: At) -> Identifier:
    """The placer's number (SPM-2.1), else the filler's, else its place in report or message."""
    found = _numbers(spm[2].first, at)
    if found:
        url = full_url("Specimen", found[0]["system"], found[0]["value"])
        if at.draft.at(url) is not None:  # one specimen of several orders, each with its SPM
            at.scope.join("SPM")
        return found[0]
    made = at.find("DiagnosticReport") or at.find("ServiceRequest")
    above = made.key if made else key("message", at.scope.message_key)
    value = at.draft.unique(f"{above}/{key('specimen', spm.text(1))}")
    return {"system": at.scope.own("specimen"), "value": value}


@function("ordered_specimen_identity")
def ordered_specimen_identity(obr: Segment, at: At) -> Identifier:
    """The specimen of an order that no SPM describes: one for each order."""
    return {"system": at.scope.own("specimen"), "value": f"{order_key(obr, at)}/specimen"}


@function("specimen_in_order")
def specimen_in_order(obr: Segment, at: At) -> bool:
    """Whether OBR alone says what the specimen is: there is no SPM for the order."""
    said = any(obr.field(number) for number in (15, 9, 10, 14))
    return (
        said
        and at.find("Specimen") is None
        and not any(one.name == "SPM" for one in at.group.segments())
    )


@function("specimen_status")
def specimen_status(spm: Segment, out: Resource, at: At) -> None:
    """Unsatisfactory when it was rejected (SPM-21), else what SPM-20 says of its availability."""
    if spm.text(21).strip():
        out["status"] = "unsatisfactory"
        return
    code = spm.text(20).strip()
    row = at.scope.tables["SpecimenStatus"].get(code) if code else None
    if row is not None and row.to:
        out["status"] = row.to
    elif code:
        at.scope.unknown_code("SpecimenStatus", "SPM-20")


@function("specimen_parents")
def specimen_parents(spm: Segment, out: Resource, at: At) -> None:
    """SPM-3: the specimens it was taken from, by their numbers."""
    found: list[Reference] = []
    for rep in spm[3].reps if spm.field(3) else ():
        for identifier in _numbers(rep, at)[:1]:
            found.append({"type": "Specimen", "identifier": identifier})
    if found:
        out["parent"] = found


@function("collected")
def collected(spm: Segment, out: Resource, at: At) -> None:
    """SPM-17 as a time, or as a period when it has an end that differs."""
    start, end = spm.text(17), spm.text(17, 2)
    said: Resource = {}
    if end and end != start:
        if period := at.scope.period(start, end, "SPM-17"):
            said["collectedPeriod"] = period
    elif start:
        at.scope.set_date_time(said, "collectedDateTime", start, "SPM-17")
    if said:
        out.setdefault("collection", {}).update(said)


@function("specimen_container")
def specimen_container(spm: Segment, out: Resource, at: At) -> None:
    """SPM-27 with the first additive of SPM-6; one container more for each further additive."""
    kind = concept(spm[27].first, at.scope) if spm.field(27) else {}
    reps = spm[6].reps if spm.field(6) else ()
    additives = [said for rep in reps if (said := concept(rep, at.scope, table=f"{_HL7}0371"))]
    found: list[Resource] = [{"additiveCodeableConcept": one} for one in additives]
    if kind:
        found = [{"type": kind, **(found[0] if found else {})}, *found[1:]]
    if found:
        out["container"] = found


@function("container")
def container(sac: Segment, out: Resource, at: At) -> None:
    """SAC: a container by its number, with what it holds and how much fits. Units: SAC-24."""
    made: dict[str, Any] = {}
    numbers = [
        one
        for field in (3, 4)
        if (one := of_ei(sac[field].first, at.scope, type_="", default="container"))
    ]
    if numbers:
        made["identifier"] = numbers
    units = unit_of(sac[24].first, at.scope) if sac.field(24) else {}
    for element, fields in (("capacity", (21,)), ("specimenQuantity", (23, 22))):
        amount = next((n for f in fields if (n := number(sac.text(f)))), None)
        if amount is not None and "comparator" not in amount:
            made[element] = {**amount, **units}
    if sac.field(27):
        made["additiveCodeableConcept"] = concept(sac[27].first, at.scope, table=f"{_HL7}0371")
    _put(made, out)


def _put(made: dict[str, Any], out: Resource) -> None:
    """The first SAC says more of the container that SPM named; each other is one more."""
    held: list[dict[str, Any]] = out.setdefault("container", [])
    if held and "identifier" not in held[0]:
        out["container"] = [{**held[0], **made}, *held[1:]]
    elif made:
        out["container"] = [*held, made]
    if not out["container"]:
        del out["container"]


def _numbers(eip: Rep, at: At) -> list[Identifier]:
    return [
        found
        for component, kind in _NUMBERS
        if eip.component(component)
        and (found := of_ei(eip.part(component), at.scope, type_=kind, default="specimen"))
    ]
