"""Orders and their results become DiagnosticReports and Observations, one for each OBR and OBX."""

from wherry.fhir.identity import key
from wherry.fhir.systems import NOTE
from wherry.resource import Reference, Resource
from wherry_hl7.translate.codes import coded
from wherry_hl7.translate.draft import Draft
from wherry_hl7.translate.groups import Ordered, Result
from wherry_hl7.translate.notes import annotation
from wherry_hl7.translate.observation import code_key, observation
from wherry_hl7.translate.report import Order, order, report, report_key
from wherry_hl7.translate.scope import Scope

NOTHING_ORDERED = Order()


def add_order(
    ordered: Ordered,
    draft: Draft,
    scope: Scope,
    *,
    subject: Reference | None,
    encounter: Reference | None,
    about: Resource | None = None,
) -> None:
    """Put one OBR and what is below it into the draft; `about` is a comment on the whole group."""
    if ordered.obr is None:
        scope.warn("OBX", "results without an OBR; they belong to no report")
        base = key("message", scope.message_key)
        add_results(ordered.results, base, draft, scope, subject=subject, encounter=encounter)
        return
    known_by = draft.unique(report_key(ordered.obr, ordered.orc, scope))
    said = order(ordered.obr, scope)
    results = add_results(
        ordered.results, known_by, draft, scope, subject=subject, encounter=encounter, order=said
    )
    made = report(
        ordered.obr,
        ordered.orc,
        order=said,
        identifier={"system": scope.own("report"), "value": known_by},
        subject=subject,
        encounter=encounter,
        results=results,
        note=joined(about, annotation(ordered.notes, scope)),
        scope=scope,
    )
    draft.add(made, made["identifier"][0])


def add_results(
    results: list[Result],
    base: str,
    draft: Draft,
    scope: Scope,
    *,
    subject: Reference | None,
    encounter: Reference | None,
    order: Order = NOTHING_ORDERED,
) -> list[Reference]:
    """Put each OBX into the draft, known by `base`, its code and its sub-id; references to them."""
    references = []
    system = scope.own("observation")
    for result in results:
        code = coded(result.obx, 3, scope)
        known_by = draft.unique(f"{base}/{key(*code_key(code, result.obx))}")
        made = observation(
            result.obx,
            code,
            order=order,
            identifier={"system": system, "value": known_by},
            subject=subject,
            encounter=encounter,
            note=annotation(result.notes, scope) if result.notes else None,
            scope=scope,
        )
        references.append(draft.add(made, made["identifier"][0]))
    return references


def note_extension(note: Resource) -> Resource:
    """A comment on a resource for which R4 has no note element."""
    return {"url": NOTE, "valueAnnotation": note}


def joined(one: Resource | None, other: Resource | None) -> Resource | None:
    """Two comments as one."""
    if one and other:
        return {"text": f"{one['text']}\n{other['text']}"}
    return one or other
