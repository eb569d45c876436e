"""An ADT message about one visit becomes a Patient, an Encounter and the observations it brings."""

from wherry.errors import Failure, Kind
from wherry.fhir.identity import key
from wherry_hl7.translate.draft import Draft
from wherry_hl7.translate.encounter import add_reason, visit
from wherry_hl7.translate.groups import groups
from wherry_hl7.translate.notes import annotation
from wherry_hl7.translate.patient import person
from wherry_hl7.translate.provenance import happened
from wherry_hl7.translate.results import add_results, note_extension
from wherry_hl7.translate.scope import Scope


def adt(draft: Draft, scope: Scope) -> None:
    """Put the patient and the visit into the draft.

    Raises: Failure(UNPROCESSABLE) at PID or PID-3.
    """
    found = groups(scope.message.segments)
    group = found[0]
    if group.pid is None:
        raise Failure(Kind.UNPROCESSABLE, "no patient", at="PID")
    if len(found) > 1:
        scope.warn("PID", "more than one patient; only the first was used")
    patient = person(group.pid, scope)
    if note := annotation(group.notes, scope):
        patient.resource["extension"] = [note_extension(note), *patient.resource["extension"]]
    subject = draft.add(patient.resource, patient.prime, deletes=patient.deletes)
    encounter = None
    known_by = patient.prime
    if group.pv1 is None:
        scope.warn("PV1", "no visit")
    else:
        evn = scope.message.first("EVN")
        made = visit(
            group.pv1,
            group.pid,
            subject=subject,
            event=scope.message.msh.text(9, 2).strip().upper(),
            happened=happened(evn),
            scope=scope,
        )
        if group.pv2 is not None:
            add_reason(made, group.pv2, scope)
        encounter = draft.add(made.resource, made.prime, deletes=made.deletes, weak=made.weak)
        known_by = made.prime
    base = key("visit" if encounter else "patient", known_by["system"], known_by["value"])
    results = [result for ordered in group.orders for result in ordered.results]
    add_results(results, base, draft, scope, subject=subject, encounter=encounter)
