"""Two resources that are one thing: which one counts, and what each of them says of it."""

from collections.abc import Mapping, Sequence

from wherry.resource import Identifier, Resource

REPLACED_BY, REPLACES, SEE_ALSO = "replaced-by", "replaces", "seealso"
_OLD = "old"
_VOID = "entered-in-error"
_LINKS = {REPLACED_BY, REPLACES}


def survivor(patient: Resource) -> str:
    """The reference to the patient who replaces this one; empty when nobody does.

    Source: FHIR R4 Patient.link, type replaced-by.
    """
    links = patient.get("link", ()) if patient.get("resourceType") == "Patient" else ()
    for link in links:
        if link.get("type") == REPLACED_BY:
            return str(link.get("other", {}).get("reference", ""))
    return ""


def superseded(resource: Resource) -> bool:
    """Whether a resource says itself that it does not count: merged away or entered in error."""
    return resource.get("status") == _VOID or bool(survivor(resource))


def ends(
    candidates: Mapping[str, Resource], known: Mapping[str, Resource]
) -> tuple[dict[str, Resource], set[str]]:
    """Where following the links from each candidate ends, and all that was passed on the way.

    A link to what is not known ends before it; a circle ends where it closes.
    """
    last: dict[str, Resource] = {}
    passed: set[str] = set()
    for at, resource in candidates.items():
        here, one, way = at, resource, {at}
        while (ahead := survivor(one)) in known and ahead not in way:
            here, one = ahead, known[ahead]
            way.add(here)
        last[here] = one
        passed |= way - {here}
    return last, passed


def retired(old: Resource, by: str) -> Resource:
    """What was merged away: a patient is inactive and says by whom; others are void, part of it.

    Source: FHIR R4 Patient.link; Encounter.partOf, Account.partOf.
    """
    if old["resourceType"] != "Patient":
        return {**old, "status": _VOID, "partOf": {"reference": by}}
    kept = [
        one
        for one in old.get("link", ())
        if one.get("type") != REPLACED_BY and one.get("other", {}).get("reference") != by
    ]
    link = {"other": {"reference": by}, "type": REPLACED_BY}
    return {**old, "active": False, "link": [*kept, link]}


def grown(
    resource: Resource, old: Identifier, others: Sequence[Identifier], replaces: str = ""
) -> Resource:
    """The one that stays, with the identifiers of the other as old ones, and a link to it.

    Source: FHIR R4 Identifier.use, Patient.link type replaces.
    """
    made = {**resource, "identifier": _with_old(resource.get("identifier", []), [old, *others])}
    if replaces and resource["resourceType"] == "Patient":
        links = resource.get("link", [])
        link = {"other": {"reference": replaces}, "type": REPLACES}
        if link not in links:
            made["link"] = [*links, link]
    return made


def revived(identifiers: Sequence[Identifier], new: Identifier) -> list[Identifier]:
    """The identifiers, of which `new` is no old one any more."""
    return [
        _plain(one) if _named(one) == _named(new) and one.get("use") == _OLD else one
        for one in identifiers
    ]


def without(resource: Resource, gone: Identifier) -> list[Identifier]:
    """The identifiers of a resource but for this one."""
    return [one for one in resource.get("identifier", ()) if _named(one) != _named(gone)]


def named_too(resource: Resource, more: Identifier) -> Resource:
    """The resource with one more identifier, in use."""
    return {**resource, "identifier": [*without(resource, more), more]}


def without_links(resource: Resource, to: set[str]) -> Resource:
    """The resource without links of a merge to these."""
    kept = [
        one
        for one in resource.get("link", ())
        if one.get("type") not in _LINKS or one.get("other", {}).get("reference") not in to
    ]
    rest = {name: value for name, value in resource.items() if name != "link"}
    return {**rest, "link": kept} if kept else rest


def _with_old(held: Sequence[Identifier], more: Sequence[Identifier]) -> list[Identifier]:
    first = _named(more[0])
    out: list[Identifier] = [_old(one) if _named(one) == first else one for one in held]
    names = {_named(one) for one in out}
    for one in more:
        if _named(one) not in names:
            names.add(_named(one))
            out.append(_old(one))
    return out


def _old(one: Identifier) -> Identifier:
    return {**one, "use": _OLD}


def _plain(one: Identifier) -> Identifier:
    made = one.copy()
    del made["use"]
    return made


def _named(one: Identifier) -> tuple[str, str]:
    return one.get("system", ""), one.get("value", "")
