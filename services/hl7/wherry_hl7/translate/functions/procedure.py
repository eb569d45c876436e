"""What PR1 says of a procedure that a line of a map cannot."""

from datetime import datetime, timedelta
from typing import Any

from wherry.fhir.identity import key
from wherry.hl7.segment import Segment
from wherry.resource import Identifier, Resource
from wherry_hl7.mapping.named import function
from wherry_hl7.translate.at import At
from wherry_hl7.translate.converters.codes import concept, token
from wherry_hl7.translate.converters.identifiers import of_ei
from wherry_hl7.translate.functions.clinical import coded, numbered, own_identity

_VISIT = ("Encounter", "Patient")
_CPT = "http://www.ama-assn.org/go/cpt"
_LONGEST = 60 * 24 * 366


@function("procedure_identity")
def procedure_identity(pr1: Segment, at: At) -> Identifier | None:
    """The procedure by its number (PR1-19), else what it is (PR1-3, PR1-4) within the visit."""
    if number := numbered(pr1, 19):
        return own_identity(at, "procedure", number)
    said = coded(pr1, 3, 4)
    return own_identity(at, "procedure", key(*said), within=_VISIT, apart=True) if said else None


@function("procedure_status")
def procedure_status(pr1: Segment, out: Resource, at: At) -> None:
    """PR1-20 D takes the procedure back; a PR1 tells of what was done. Source: table 0206."""
    table = at.scope.tables["ProcedureAction"]
    row = table.get(token(pr1.text(20)))
    if row is None:
        at.scope.unknown_code("ProcedureAction", "PR1-20")
    out["status"] = row.to if row is not None and row.to else "completed"


@function("procedure_code")
def procedure_code(pr1: Segment, out: Resource, at: At) -> None:
    """PR1-3, with PR1-4 as its text and the modifiers of a CPT code (PR1-16) behind it.

    Source: HL7 v2-to-FHIR, PR1-16; FHIR's use of CPT (code:modifier,modifier).
    """
    said: dict[str, Any] = dict(concept(pr1[3].first, at.scope))
    if text := pr1[4].first.whole.strip() if pr1.field(4) != '""' else "":
        said["text"] = pr1.text(3, 9) or text
    modifiers = [token(rep[1]) for rep in pr1[16].reps if rep[1].strip()]
    if modifiers and said.get("coding"):
        said["coding"] = _modified(said["coding"], modifiers)
    if said:
        out["code"] = said


def _modified(codings: list[Any], modifiers: list[str]) -> list[Any]:
    first = codings[0]
    if first.get("system") != _CPT:
        return codings
    whole = {"system": _CPT, "code": f"{first['code']}:{','.join(modifiers)}"}
    return [whole, *codings]


@function("procedure_time")
def procedure_time(pr1: Segment, out: Resource, at: At) -> None:
    """PR1-5, as a period when PR1-7 says how many minutes it took."""
    scope = at.scope
    start, minutes = scope.moment(pr1.text(5), "PR1-5").full, pr1.text(7).strip()
    if start and minutes.isdecimal() and minutes.isascii() and 0 < int(minutes[:9]) < _LONGEST:
        end = datetime.fromisoformat(start) + timedelta(minutes=int(minutes[:9]))
        out["performedPeriod"] = {"start": start, "end": end.isoformat()}
        return
    scope.set_date_time(out, "performedDateTime", pr1.text(5), "PR1-5")


@function("part_of_procedure")
def part_of_procedure(pr1: Segment, out: Resource, at: At) -> None:
    """PR1-25, the procedure that this one is a part of: by its number when it is not here."""
    number = numbered(pr1, 25)
    if not number or number == numbered(pr1, 19):
        return
    identity = own_identity(at, "procedure", number)
    named = of_ei(pr1[25].first, at.scope, type_="", default="procedure-id")
    out["partOf"] = [at.draft.to("Procedure", identity, named)]
