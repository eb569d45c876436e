"""Results find the specimens that came after them, and the results that they follow from."""

from collections.abc import Iterable, Iterator

from wherry.hl7.segment import Segment
from wherry.resource import Reference
from wherry_hl7.grammar.tree import Group
from wherry_hl7.mapping.named import function
from wherry_hl7.translate.draft import Made
from wherry_hl7.translate.engine import Run

_RESULTS = frozenset({"OBX", "NTE", "SPECIMEN_OBSERVATION"})
_ABOUT_SPECIMENS = frozenset({"SPECIMEN", "SPECIMEN_OBSERVATION"})


@function("link_specimens")
def link_specimens(run: Run) -> None:
    """An order's SPM comes after its results: the report has all, each result the only one.

    With several specimens no result says which one it is of. Source: HL7 v2.5.1 §7.3.1.
    """
    if not _has_specimens(run):
        return
    requests: dict[str, tuple[Made, list[Made]]] = {}
    for group, obr in _orders(run.root):
        spms = [one for one in group.segments() if one.name == "SPM"]
        made = [one for spm in spms if (one := run.made.get((id(spm), "Specimen")))]
        references = list({one.key: one.reference for one in made}.values())
        if not references:
            continue
        for type_ in ("DiagnosticReport", "ServiceRequest"):
            if (one := run.made.get((id(obr), type_))) is not None:
                one.resource["specimen"] = references
        if (order := run.made.get((id(obr), "ServiceRequest"))) is not None:
            requests.setdefault(order.reference["reference"], (order, []))[1].extend(made)
        if len(references) == 1:
            for observation in _results(run, group):
                observation.resource.setdefault("specimen", references[0])
    _requested(requests.values())


def _requested(orders: Iterable[tuple[Made, list[Made]]]) -> None:
    """A specimen of several orders has them all."""
    asked: dict[str, list[Reference]] = {}
    for order, specimens in orders:
        for one in specimens:
            known = asked.setdefault(one.key, [])
            if order.reference not in known:
                known.append(order.reference)
            one.resource["request"] = known


@function("results_after_specimens")
def results_after_specimens(run: Run) -> None:
    """OBX that follow the last SPM of an order which has no other OBX are its results.

    The standard has them in one place with what is found about the specimen, and an order without
    results but with such findings is the rarer of the two. Source: HL7 v2.5.1 §7.3.1, §7.3.11.
    """
    if not _has_specimens(run):
        return
    for group, _ in list(_orders(run.root)):
        below = [one for one in group.members if isinstance(one, Group)]
        specimens = [one for one in below if one.name == "SPECIMEN"]
        others = [one for one in below if one.name != "SPECIMEN"]
        if not specimens or any(s.name == "OBX" for one in others for s in one.segments()):
            continue
        last = specimens[-1]
        moved = [one for one in last.members if one.name in _RESULTS]
        if any(one.name != "NTE" for one in moved):
            last.members = [one for one in last.members if one not in moved]
            group.members.extend(moved)


@function("link_parents")
def link_parents(run: Run) -> None:
    """Results of an order that follows from another result (OBR-26, OBR-29) are derived from it.

    Source: HL7 v2.5.1 §4.5.3.26, §4.5.3.29; FHIR R4 Observation.derivedFrom.
    """
    if not any(one.name == "OBR" and one.field(26) for one in run.scope.message.segments):
        return
    orders = list(_orders(run.root))
    for group, obr in orders:
        if not obr.field(26):
            continue
        parents = [other for other, above in orders if above is not obr and _heads(above, obr)]
        found = _parent_result(run, obr, parents)
        if found is None:
            run.scope.warn("OBR-26", "the parent result is not in this message; not linked")
            continue
        run.scope.take(obr, frozenset({26}))
        for observation in _results(run, group):
            if observation is not found:
                observation.resource.setdefault("derivedFrom", [found.reference])


def _heads(above: Segment, obr: Segment) -> bool:
    """Whether OBR-29 names the order of that OBR; without OBR-29 any may hold the parent result."""
    if not obr.field(29):
        return True
    said = obr[29].first
    pairs = ((said.sub(1, 1), above.text(2)), (said.sub(2, 1), above.text(3)))
    named = [(one.strip(), other.strip()) for one, other in pairs if one.strip()]
    return bool(named) and any(one == other for one, other in named)


def _parent_result(run: Run, obr: Segment, groups: list[Group]) -> Made | None:
    said = obr[26].first
    code, sub_id = said.sub(1, 1).strip(), said[2].strip()
    if not code:
        return None
    for group in groups:
        for obx in group.segments():
            if obx.name == "OBX" and obx.text(3).strip() == code and obx.text(4).strip() == sub_id:
                return run.made.get((id(obx), "Observation"))
    return None


def _has_specimens(run: Run) -> bool:
    return any(segment.name == "SPM" for segment in run.scope.message.segments)


def _orders(group: Group) -> Iterator[tuple[Group, Segment]]:
    """Each OBR with its group."""
    for member in group.members:
        if isinstance(member, Group):
            yield from _orders(member)
        elif member.name == "OBR":
            yield group, member


def _results(run: Run, group: Group) -> Iterator[Made]:
    """The Observations of an order, without those about its specimens."""
    for member in group.members:
        if isinstance(member, Group):
            if member.name not in _ABOUT_SPECIMENS:
                yield from _results(run, member)
        elif (made := run.made.get((id(member), "Observation"))) is not None:
            yield made
