"""What RXA and its ORC say of one vaccination: which it is, its status, its dose, its source."""

from decimal import Decimal
from typing import Any

from wherry.fhir.identity import key
from wherry.hl7.segment import Rep, Segment
from wherry.resource import CodeableConcept, Coding, Identifier, Resource
from wherry_hl7.mapping.named import function
from wherry_hl7.mapping.table import Row
from wherry_hl7.translate.at import At
from wherry_hl7.translate.converters.codes import concept
from wherry_hl7.translate.converters.identifiers import of_ei
from wherry_hl7.translate.converters.numbers import number, unit_of

CVX = "http://hl7.org/fhir/sid/cvx"
_NOT_GIVEN = "998"  # CVX: no vaccine administered
_UNKNOWN_DOSE = Decimal(999)

# Numbers that registries ask for where there is none. Source: CDC guide 2.5.1, ORC-3
_NO_NUMBER = frozenset({"9999"})


@function("nothing_given")
def nothing_given(run: Any) -> None:
    """RXA-5 998 only carries observations about the patient, unless it says that it was refused."""
    for rxa in run.scope.message.all("RXA"):
        refused = rxa.text(18) or rxa.text(20).strip().upper() == "RE"
        if rxa.text(5).strip() == _NOT_GIVEN and not refused:
            run.scope.use(rxa, frozenset({1, 2, 5, 6, 20}))


@function("immunization_identity")
def immunization_identity(rxa: Segment, at: At) -> Identifier | None:
    """The filler's number (ORC-3) where it names this one alone, else patient, vaccine and day."""
    orc = at.near("ORC")
    if orc is not None and _names_one(orc, at):
        return of_ei(orc[3].first, at.scope, type_="FILL", default="filler")
    patient = at.find("Patient")
    vaccine, day = _vaccine(rxa, at), rxa.text(3).strip()[:8]
    if not vaccine:
        return None
    value = at.draft.unique(f"{patient.key if patient else ''}/{key(vaccine, day)}")
    return {"system": at.scope.own("immunization"), "value": value}


@function("immunization_numbers")
def immunization_numbers(rxa: Segment, out: Resource, at: At) -> None:
    """ORC-3 and ORC-2, where they are numbers of this vaccination."""
    del rxa
    orc = at.near("ORC")
    if orc is None or not _names_one(orc, at):
        return
    at.scope.take(orc, frozenset({2, 3}))
    for field, type_, unnamed in ((3, "FILL", "filler"), (2, "PLAC", "placer")):
        found = of_ei(orc[field].first, at.scope, type_=type_, default=unnamed)
        if found and found not in out["identifier"]:
            out["identifier"] = [*out["identifier"], found]


@function("immunization_status")
def immunization_status(rxa: Segment, out: Resource, at: At) -> None:
    """RXA-21 D, else RXA-20, else what a reason for refusal means."""
    tables = at.scope.tables
    action = tables["ImmunizationAction"].find(rxa.text(21))
    done = tables["ImmunizationStatus"].find(rxa.text(20))
    if action is not None and action.to:
        out["status"] = action.to
    elif done is not None and done.to and (rxa.text(20) or not rxa.text(18)):
        out["status"] = done.to
    else:
        out["status"] = "not-done" if rxa.text(18) else "completed"
        if done is None:
            at.scope.unknown_code("ImmunizationStatus", "RXA-20")


@function("immunization_dose")
def immunization_dose(rxa: Segment, out: Resource, at: At) -> None:
    """RXA-6 in RXA-7; 999 is a dose that nobody knows."""
    text = rxa.text(6).strip()
    found = number(text)
    if text and (found is None or "comparator" in found):
        at.scope.warn("RXA-6", "not a number; left out")
    elif (
        found
        and found["value"] != _UNKNOWN_DOSE
        and (found["value"] or out["status"] != "not-done")
    ):
        out["doseQuantity"] = {**found, **unit_of(rxa[7].first, at.scope)}


@function("immunization_source")
def immunization_source(rxa: Segment, out: Resource, at: At) -> None:
    """RXA-9: who says so, by NIP001; what is no code of it is a note."""
    for rep in rxa[9].reps:
        row = at.scope.tables["ImmunizationPrimarySource"].get(rep[1]) if rep[1] else None
        if row is None or not row.to:
            if text := (rep.text_of(2) or rep.text_of(1)).strip():
                out["note"] = [*out.get("note", ()), {"text": text}]
            continue
        out["primarySource"] = row.to == "true"
        if row.to == "false":
            out["reportOrigin"] = _origin(rep, at)


def _origin(rep: Rep, at: At) -> CodeableConcept:
    said = concept(rep, at.scope)
    row: Row | None = at.scope.tables["ImmunizationOrigin"].find(rep[1])
    if row is None or not row.to:
        return said
    coding: Coding = {"system": row.system, "code": row.to, "display": row.display}
    return {**said, "coding": [coding, *said.get("coding", ())]}


def _names_one(orc: Segment, at: At) -> bool:
    """Whether ORC-3 is a number of one vaccination: not a constant, not the same for several."""
    number_ = orc.field(3)
    if not orc.text(3).strip() or orc.text(3).strip() in _NO_NUMBER:
        return False
    memory = at.scope.memory
    if "vaccinations" not in memory:
        memory["vaccinations"] = _by_number(at)
    if len(memory["vaccinations"].get(number_, ())) < 2:
        return True
    at.scope.warn("ORC-3", "one number for several vaccinations; it names none of them")
    return False


def _by_number(at: At) -> dict[str, set[tuple[str, str]]]:
    """The vaccine and day of each RXA by the ORC-3 before it."""
    found: dict[str, set[tuple[str, str]]] = {}
    now = ""
    for segment in at.scope.message.segments:
        if segment.name == "ORC":
            now = segment.field(3)
        elif segment.name == "RXA":
            found.setdefault(now, set()).add((segment.text(5), segment.text(3)[:8]))
    return found


def _vaccine(rxa: Segment, at: At) -> str:
    """Its CVX code, else the first code or name that was sent."""
    said = concept(rxa[5].first, at.scope)
    codings = said.get("coding", [])
    cvx = next((one["code"] for one in codings if one.get("system") == CVX), "")
    return cvx or next((one["code"] for one in codings), "") or said.get("text", "")
