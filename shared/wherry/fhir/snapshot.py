"""A sparse snapshot is laid over a stored resource, element by element."""

from collections.abc import Callable, Hashable, Mapping, Sequence
from typing import Any

from wherry.resource import Resource

Key = Callable[[Mapping[str, Any]], tuple[Hashable, ...]]

_NOT_SAID = frozenset({"resourceType", "id", "meta", "text"})


def _taking_part(one: Mapping[str, Any]) -> tuple[Hashable, ...]:
    """The role in a visit; in an appointment who it is, by type and reference or name."""
    actor = one.get("actor")
    if actor is None:
        return (_first_code(one.get("type")),)
    reference = str(actor.get("reference", ""))
    kind = actor.get("type") or (reference.partition("/")[0] if "/" in reference else "")
    return (kind, reference or actor.get("display", ""), _first_code(one.get("type")))


def _whose(contact: Mapping[str, Any]) -> str:
    name = contact.get("name", {})
    return " ".join([*name.get("given", ())[:1], name.get("family", "")]) if name else ""


def _place(reference: Any) -> str:
    return str((reference or {}).get("reference", ""))


def _first_code(concepts: Any) -> str:
    for concept in concepts or ():
        for coding in concept.get("coding", ()):
            return str(coding.get("code", ""))
    return ""


# Which entries of a list a snapshot replaces: those that share a key with one it brings.
_KEYS: dict[str, Key] = {
    "identifier": lambda one: (one.get("system"), one.get("value")),
    "name": lambda one: (one.get("use"),),
    "telecom": lambda one: (one.get("use"), one.get("system")),
    "address": lambda one: (one.get("use"), one.get("type")),
    "participant": _taking_part,
    "serviceType": lambda one: (_first_code([one]) or one.get("text", ""),),
    "extension": lambda one: (one.get("url"),),
    "relationship": lambda one: (_first_code([one]) or one.get("text"),),
    "contact": lambda one: (_whose(one), _first_code(one.get("relationship"))),
    "diagnosis": lambda one: (_place(one.get("condition")),),
    "coverage": lambda one: (_place(one.get("coverage")),),
    "guarantor": lambda one: (_place(one.get("party")),),
    "supportingInfo": lambda one: (one.get("reference"),),
    "supportingInformation": lambda one: (one.get("reference"),),
    "link": lambda one: (one.get("other", {}).get("reference"),),
}

# Elements whose parts are said one by one.
_IN_PARTS = frozenset({"collection", "context", "period", "hospitalization"})

# Elements of which a resource has only one. Source: FHIR R4, the elements that end in [x].
_ONE_OF = (
    ("onsetDateTime", "onsetString"),
    ("performedDateTime", "performedPeriod"),
    ("deceasedBoolean", "deceasedDateTime"),
    ("multipleBirthBoolean", "multipleBirthInteger"),
    ("occurrenceDateTime", "occurrencePeriod", "occurrenceTiming"),
    ("asNeededBoolean", "asNeededCodeableConcept"),
    ("medicationCodeableConcept", "medicationReference"),
)
_CHOICES = {name: frozenset(names) - {name} for names in _ONE_OF for name in names}
# What says more than its sibling and so survives a plain "yes".
_MORE = frozenset({"deceasedDateTime", "multipleBirthInteger"})


def laid_over(
    stored: Resource, incoming: Resource, deletes: Sequence[str], weak: Sequence[str]
) -> Resource:
    """`stored` with deletions made, then set to what `incoming` says; the rest stays as it is.

    A deletion is `element`, `element.part`, or `element:key` for the list entries with this use
    (name, telecom, address), role (participant of a visit), type of actor (participant of an
    appointment) or code (serviceType).
    """
    out = dict(stored)
    for path in deletes:
        _delete(out, path)
    for name, said in incoming.items():
        if name not in _NOT_SAID and not _stands(name, out, weak):
            _set(out, name, said)
    for name in [name for name in out if name[0] == "_" and name not in incoming]:
        if name[1:] in incoming:
            del out[name]
    return out


def _is_said(name: str, out: Resource) -> bool:
    return name in out or not out.keys().isdisjoint(_CHOICES.get(name, ()))


def filled(stored: Resource, incoming: Resource) -> Resource:
    """`stored` with what it lacks taken from `incoming`; nothing that it has is changed."""
    out = dict(stored)
    for name, said in incoming.items():
        if name in _NOT_SAID or name == "extension":
            continue
        if name == "identifier":
            out[name] = added(out.get(name, []), said, _KEYS[name])
        elif name in _IN_PARTS:
            out[name] = {**said, **out.get(name, {})}
        elif out.get(name) in (None, "unknown") and out.keys().isdisjoint(_CHOICES.get(name, ())):
            out[name] = said
    return out


def regrouped(kept: Sequence[Any], said: Sequence[Any], key: Key) -> list[Any]:
    """`kept` in its order; a group of which `said` has other members is replaced by those."""
    before, now = _groups(kept, key), _groups(said, key)
    changed = {
        its: group for its, group in now.items() if not _same_members(before.get(its, ()), group)
    }
    out: list[Any] = []
    for one in kept:
        its = key(one)
        if its not in changed:
            out.append(one)
        elif one is before[its][0]:
            out += changed[its]
    return out + [one for its, group in changed.items() if its not in before for one in group]


def _groups(members: Sequence[Any], key: Key) -> dict[tuple[Hashable, ...], list[Any]]:
    groups: dict[tuple[Hashable, ...], list[Any]] = {}
    for one in members:
        groups.setdefault(key(one), []).append(one)
    return groups


def added(kept: Sequence[Any], said: Sequence[Any], key: Key) -> list[Any]:
    """`kept` and those of `said` whose key it does not have."""
    held = {key(one) for one in kept}
    return [*kept, *(one for one in said if key(one) not in held)]


def _set(out: Resource, name: str, said: Any) -> None:
    siblings = _CHOICES.get(name, frozenset())
    if said is True and not (siblings & _MORE).isdisjoint(out):
        return
    for sibling in siblings:
        out.pop(sibling, None)
        out.pop("_" + sibling, None)
    if name in _KEYS and isinstance(said, list):  # a place's name and address are single
        kept = out.get(name, [])
        if name == "identifier":
            said = _still_old(kept, said)
        out[name] = regrouped(kept, said, _KEYS[name])
    elif name in _IN_PARTS:
        out[name] = {**out.get(name, {}), **said}
    else:
        out[name] = said


def _still_old(kept: Sequence[Any], said: Sequence[Any]) -> list[Any]:
    """What is said, but what was an old identifier stays one when it is merely said again."""
    old = {_KEYS["identifier"](one): one for one in kept if one.get("use") == "old"}
    return [old.get(_KEYS["identifier"](one), one) if "use" not in one else one for one in said]


def _stands(name: str, out: Resource, weak: Sequence[str]) -> bool:
    """Whether a weak element, or why there is none (`_start`), meets one that is stored."""
    bare = name.removeprefix("_")
    return bare in weak and (_is_said(bare, out) or name in out)


def _delete(out: Resource, path: str) -> None:
    name, keyed, wanted = path.partition(":")
    if not keyed:
        name, _, part = path.partition(".")
    if keyed:
        left: Any = [one for one in out.get(name, []) if (_KEYS[name](one)[0] or "") != wanted]
    elif part:
        left = {k: v for k, v in out.get(name, {}).items() if k not in (part, "_" + part)}
    else:
        left = None
    out.pop(name, None)
    out.pop("_" + name, None)
    if left:
        out[name] = left


def _same_members(one: Sequence[Any], other: Sequence[Any]) -> bool:
    return len(one) == len(other) and all(member in other for member in one)
