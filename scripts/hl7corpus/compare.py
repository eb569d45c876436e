"""What we made and what others made of one message become the points on which they differ."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from hl7corpus.golden import CORE, Golden
from hl7corpus.outcome import Outcome
from hl7corpus.values import agree, comparable, shown, value_type
from wherry.resource import Resource

NOTHING = "outcome"
_FACETS = ("code", "system", "status", "type", "value")


@dataclass(frozen=True, slots=True)
class Point:
    """One thing compared: its subject, as "Encounter" or "Observation 718-7 status"."""

    message: str
    subject: str
    ours: str
    theirs: str
    agreed: bool


def points(outcome: Outcome, golden: Golden) -> list[Point]:
    """Everything that can be compared, agreed or not; all of it differs when we made nothing."""
    source = outcome.piece.source
    counts = Counter(one["resourceType"] for one in outcome.resources)
    found = [
        _point(source, type_, _said(outcome, counts[type_]), str(golden.counts[type_]))
        for type_ in CORE
        if counts[type_] or golden.counts[type_]
    ]
    ours = [one for one in outcome.resources if one["resourceType"] == "Observation"]
    for theirs in golden.observations:
        match = _match(theirs, ours)
        if match is not None:
            ours.remove(match)
        found += _facets(source, match, theirs, outcome)
    return found


def _said(outcome: Outcome, what: object) -> str:
    return NOTHING if outcome.made is None else str(what)


def _point(source: str, subject: str, ours: str, theirs: str) -> Point:
    return Point(source, subject, ours, theirs, ours == theirs)


def _match(theirs: Resource, ours: Sequence[Resource]) -> Resource | None:
    """Ours with the same code, rather one with the same value, rather an earlier one."""
    name = codes(theirs)[:1]
    alike = [one for one in ours if not name or name[0] in codes(one)]
    wanted = comparable(theirs)
    best = next((one for one in alike if agree(wanted, comparable(one))), None)
    return best or next(iter(alike), None)


def codes(observation: Resource) -> list[str]:
    """The codes of an Observation, else its text."""
    concept = observation.get("code", {})
    found = [coding["code"] for coding in concept.get("coding", ()) if coding.get("code")]
    return found or [concept[name] for name in ("text",) if concept.get(name)]


def _facets(source: str, ours: Resource | None, theirs: Resource, outcome: Outcome) -> list[Point]:
    name = "Observation " + "".join(codes(theirs)[:1] or ["uncoded"])
    wanted = _facts(theirs, theirs)
    if ours is None:
        said = _said(outcome, "missing")
        return [
            _point(source, f"{name} {facet}", said, shown_as)
            for facet, shown_as in zip(_FACETS, wanted, strict=True)
        ]
    made = _facts(ours, theirs)
    found = [
        _point(source, f"{name} {facet}", mine, other)
        for facet, mine, other in zip(_FACETS, made, wanted, strict=True)
    ]
    same = agree(comparable(ours), comparable(theirs))
    value = found[-1]
    return [*found[:-1], Point(source, value.subject, value.ours, value.theirs, same)]


def _facts(one: Resource, like: Resource) -> tuple[str, ...]:
    code = "".join(codes(like)[:1])
    codings = one.get("code", {}).get("coding", ())
    system = next((c.get("system", "") for c in codings if c.get("code") == code), "")
    return (
        code if not code or code in codes(one) else "",
        system,
        one.get("status", ""),
        value_type(one),
        shown(comparable(one)),
    )
