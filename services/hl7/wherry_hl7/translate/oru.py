"""ORU^R01 becomes Patients, Encounters, DiagnosticReports and Observations."""

from wherry.errors import Failure, Kind
from wherry.resource import Reference
from wherry_hl7.translate.draft import Draft
from wherry_hl7.translate.encounter import add_reason, visit
from wherry_hl7.translate.groups import Group, groups
from wherry_hl7.translate.notes import annotation
from wherry_hl7.translate.patient import person
from wherry_hl7.translate.results import add_order
from wherry_hl7.translate.scope import Scope

_FILLS_GAPS = ("*",)


def oru(draft: Draft, scope: Scope) -> None:
    """Put every patient's results into the draft.

    A laboratory's copy of the demographics and the visit only fills gaps in what is stored, unless
    the same sender wrote that. Raises: Failure(UNPROCESSABLE) at PID or PID-3.
    """
    found = groups(scope.message.segments)
    if not any(group.orders for group in found):
        scope.warn("OBR", "a result message without results")
    for group in found:
        _add(group, draft, scope)


def _add(group: Group, draft: Draft, scope: Scope) -> None:
    subject = _patient(group, draft, scope)
    encounter = _visit(group, subject, draft, scope)
    about = annotation(group.notes, scope)
    for ordered in group.orders:
        add_order(ordered, draft, scope, subject=subject, encounter=encounter, about=about)
        about = None


def _patient(group: Group, draft: Draft, scope: Scope) -> Reference | None:
    if group.pid is None:
        if not scope.sender.unidentified:
            raise Failure(Kind.UNPROCESSABLE, "no patient", at="PID")
        scope.warn("PID", "no patient; these results are about nobody")
        return None
    made = person(group.pid, scope)
    return draft.add(made.resource, made.prime, deletes=made.deletes, weak=_FILLS_GAPS)


def _visit(group: Group, subject: Reference | None, draft: Draft, scope: Scope) -> Reference | None:
    pv1 = group.pv1
    if pv1 is None or not any(map(pv1.field, range(2, len(pv1) + 1))):
        return None
    made = visit(pv1, group.pid, subject=subject, event="", happened="", scope=scope)
    if group.pv2 is not None:
        add_reason(made, group.pv2, scope)
    return draft.add(made.resource, made.prime, weak=_FILLS_GAPS)
