"""What ORC and OBR say that a line of a map cannot: status, parents, what is replaced, by whom."""

from collections.abc import Callable

from wherry.fhir.identity import full_url
from wherry.hl7.segment import Rep, Segment
from wherry.resource import Reference, Resource
from wherry_hl7.grammar.tree import notes_of
from wherry_hl7.mapping.named import function
from wherry_hl7.translate.at import At
from wherry_hl7.translate.converters.identifiers import of_ei
from wherry_hl7.translate.functions.belongings import following, order_group
from wherry_hl7.translate.functions.notes import annotations
from wherry_hl7.translate.functions.order_numbers import DETAILS, orc_of

# What a result's status (OBR-25) says of its order. Source: HL7 table 0123
_OF_RESULT = {
    "F": "completed", "C": "completed", "X": "revoked",
    **dict.fromkeys(("O", "I", "S", "P", "A", "R"), "active"),
}  # fmt: skip

# Order controls that come with results of now or of earlier: those say what state the order is in.
# Source: HL7 v2.5.1 §4.5.1.1, table 0119
_OF_RESULTS = frozenset({"RE", "PR", "CN"})

# Order controls by which an order makes room for others, and the one of those others.
# Source: HL7 v2.5.1 §4.5.1.1, table 0119
_REPLACED, _REPLACEMENT = frozenset({"RP", "RQ", "RU"}), "RO"


_RESULT_STATUS = frozenset({25})


@function("order_status")
def order_status(
    segment: Segment,
    out: Resource,
    at: At,
    status: str = "OrderStatus",
    control: str = "OrderControlCode",
) -> None:
    """ORC-5, else ORC-1, else what OBR-25 says of the results.

    Where none of them tells, it is unknown, and what is stored stays.
    """
    orc = orc_of(segment, at)
    said = ""
    if orc is not None:
        said = _by_table(orc, 5, status, at)
        if not said and orc.text(1).strip().upper() not in _OF_RESULTS:
            said = _by_table(orc, 1, control, at)
    if not said and segment.name == "OBR":
        said = _OF_RESULT.get(segment.text(25).strip().upper(), "")
        if said:
            at.scope.take(segment, _RESULT_STATUS)
    out["status"] = said or "unknown"
    if not said:
        at.weak.append("status")


def _by_table(orc: Segment, number: int, table: str, at: At) -> str:
    code = orc.text(number)
    if not code:
        return ""
    row = at.scope.tables[table].find(code)
    if row is None:
        at.scope.unknown_code(table, f"ORC-{number}")
        return ""
    return row.to


@function("order_parents")
def order_parents(
    segment: Segment, out: Resource, at: At, resource: str = "ServiceRequest"
) -> None:
    """ORC-8, else OBR-29 or OBR-54: the orders that this one is part of.

    Of a replacement (RO), ORC-8 names the order that it replaces; else the replaced ones came
    before it in the message. Source: HL7 v2.5.1 §4.5.1.1, §4.5.1.8.
    """
    orc = orc_of(segment, at)
    control = orc.text(1).strip().upper() if orc is not None else ""
    parents = _named_parents(segment, orc, resource, at)
    replaced: list[Reference] = at.scope.memory.setdefault(("replaced", resource), [])
    if control in _REPLACED:
        first = out["identifier"][0]
        replaced.append({"reference": full_url(resource, first["system"], first["value"])})
    if control == _REPLACEMENT:
        parents = parents or replaced
        if parents:
            out.update(_REPLACES[resource](parents))
    elif parents:
        out["basedOn"] = parents


# Where R4 says what an order replaces.
_REPLACES: dict[str, Callable[[list[Reference]], Resource]] = {
    "ServiceRequest": lambda orders: {"replaces": list(orders)},
    "MedicationRequest": lambda orders: {"priorPrescription": orders[0]},
}


def _named_parents(segment: Segment, orc: Segment | None, resource: str, at: At) -> list[Reference]:
    places = [(orc, 8)] if orc is not None else []
    if segment.name == "OBR":
        places += [(segment, 29), (segment, 54)]
    for one, number in places:
        found = [_parent(rep, resource, at) for rep in one[number].reps if rep.raw]
        if known := [reference for reference in found if reference]:
            return known
    return []


def _parent(rep: Rep, resource: str, at: At) -> Reference | None:
    """An EIP, placer number & filler number, as a reference: to the order if it is here."""
    for component, kind, type_ in ((1, "placer", "PLAC"), (2, "filler", "FILL")):
        number = of_ei(rep.part(component), at.scope, type_=type_, default=kind)
        if number is None:
            continue
        if made := at.draft.known(resource, number):
            return made.reference
        return {"type": resource, "identifier": number, "display": number["value"]}
    return None


@function("order_event")
def order_event(segment: Segment, out: Resource, at: At) -> None:
    """ORC-9 to 11 and ORC-19: when it was, who entered, verified and did it; for the record."""
    del out
    orc = orc_of(segment, at)
    if orc is None:
        return
    at.scope.take(orc, _OF_EVENT)
    if when := orc.text(9):
        at.scope.memory.setdefault("happened", when)
    agents: dict[tuple[str, str], Reference] = at.scope.memory.setdefault("agents", {})
    for number, role in ((10, "enterer"), (11, "verifier"), (19, "performer")):
        for rep in orc[number].reps:
            if rep.raw and (who := at.scope.convert("XCN.Practitioner", rep, at)):
                agents.setdefault((role, rep.raw), who)


_OF_EVENT = frozenset({9, 10, 11, 19})


@function("nothing_ordered")
def nothing_ordered(orc: Segment, at: At) -> bool:
    """Whether an ORC stands alone: what is ordered is not said again."""
    del orc
    return not any(one.name in DETAILS for one in at.group.segments())


@function("order_comment")
def order_comment(segment: Segment, out: Resource, at: At) -> None:
    """The comments that directly follow the ORC."""
    del segment
    group = order_group(at)
    orc = group.first("ORC")
    if orc is not None and (said := annotations(notes_of(group, orc), at)):
        out["note"] = [*out.get("note", ()), *said]


@function("trial")
def trial(segment: Segment, out: Resource, at: At) -> None:
    """CTI: the study that an order belongs to. Source: FHIR R4 extension workflow-researchStudy."""
    for cti in following("CTI", segment, at):
        number = of_ei(cti[1].first, at.scope, type_="", default="study")
        if number is None:
            continue
        at.scope.take(cti, frozenset({1}))
        study = {"type": "ResearchStudy", "identifier": number, "display": number["value"]}
        said = {"url": _STUDY, "valueReference": study}
        out["extension"] = [*out.get("extension", ()), said]


_STUDY = "http://hl7.org/fhir/StructureDefinition/workflow-researchStudy"
