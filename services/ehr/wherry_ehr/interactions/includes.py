"""What comes along with the matches of a search: what they refer to, and what refers to them."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field

from wherry.codec import decode
from wherry_ehr.interactions.allowed import Limits, sees, within
from wherry_ehr.search.extract import walk
from wherry_ehr.search.params import Param, parameters
from wherry_ehr.search.query import Query, Term
from wherry_ehr.search.results import ANY, Asked, Include
from wherry_ehr.search.values import Targets
from wherry_ehr.store.rows import Found
from wherry_ehr.store.sql_store import View

MAX_INCLUDED = 1000
"""In one page; what is left out then is said in the Bundle."""

_AT_ONCE = 100


@dataclass(frozen=True, slots=True)
class Included:
    """Resources that come along; not `all_of_them` when there were more than a page holds."""

    found: tuple[Found, ...] = ()
    all_of_them: bool = True


NOTHING = Included()


def included(
    view: View, matches: Sequence[Found], asked: Asked, *, base: str, limits: Limits | None
) -> Included:
    """What the includes of a search bring along, each resource once and no match again.

    Source: FHIR R4 search, 3.1.1.5.4 (_include and _revinclude, :iterate).
    """
    if not (asked.includes or asked.revincludes):
        return NOTHING
    gathering = _Gathering(view, base, limits, {one.rid for one in matches})
    frontier, first = list(matches), True
    while frontier and len(gathering.found) <= MAX_INCLUDED:
        frontier = [
            *gathering.referred(frontier, [one for one in asked.includes if first or one.iterate]),
            *gathering.referring(
                frontier, [one for one in asked.revincludes if first or one.iterate]
            ),
        ]
        first = False
    found = tuple(gathering.found)
    return Included(found[:MAX_INCLUDED], len(found) <= MAX_INCLUDED)


def references_in(found: Found, params: Iterable[Param], base: str) -> Iterator[str]:
    """`Type/id` of what this resource refers to by these parameters."""
    resource = decode(found.body)
    for param in params:
        for path in param.paths:
            for value in walk(resource, path):
                text = value.get("reference") if isinstance(value, dict) else value
                target = str(text or "").removeprefix(f"{base}/").partition("/_history/")[0]
                if target.partition("/")[0] in param.targets:
                    yield target


@dataclass(slots=True)
class _Gathering:
    view: View
    base: str
    limits: Limits | None
    seen: set[int]
    found: list[Found] = field(default_factory=list)

    def referred(self, frontier: Sequence[Found], includes: Sequence[Include]) -> list[Found]:
        """What these resources refer to."""
        wanted: defaultdict[str, dict[str, None]] = defaultdict(dict)
        for include in includes:
            for one in frontier:
                if include.source not in {one.type, ANY}:
                    continue
                for target in references_in(one, _params(one.type, include.param), self.base):
                    type_, _, id_ = target.partition("/")
                    if include.target in {"", type_}:
                        wanted[type_][id_] = None
        new: list[Found] = []
        for type_, ids in wanted.items():
            if self.limits is None or self.limits.may(type_, "s"):
                held = self.view.by_ids(type_, ids, bodies=True)
                new += self._kept(held[id_] for id_ in ids if id_ in held)
        return new

    def referring(self, frontier: Sequence[Found], includes: Sequence[Include]) -> list[Found]:
        """What refers to these resources."""
        new: list[Found] = []
        for include in includes:
            for param in _params(include.source, include.param):
                targets = [
                    f"{one.type}/{one.id}"
                    for one in frontier
                    if one.type in param.targets and include.target in {"", one.type}
                ]
                for start in range(0, len(targets), _AT_ONCE):
                    new += self._search(include.source, param, targets[start : start + _AT_ONCE])
        return new

    def _search(self, type_: str, param: Param, targets: Sequence[str]) -> list[Found]:
        if len(self.found) > MAX_INCLUDED:
            return []
        term = Term(param, (Targets(tuple(targets)),))
        query = within(Query(type_, (term,), count=MAX_INCLUDED + 1), self.limits, self.view)
        return self._kept(self.view.search(query).found)

    def _kept(self, candidates: Iterable[Found]) -> list[Found]:
        new = []
        for one in candidates:
            if one.gone or one.rid in self.seen or not sees(self.limits, one, "s", self.view):
                continue
            self.seen.add(one.rid)
            new.append(one)
        self.found += new
        return new


def _params(type_: str, name: str) -> list[Param]:
    if type_ not in parameters():
        return []
    held = parameters()[type_]
    if name != ANY:
        return [held[name]] if name in held else []
    return [one for one in held.values() if one.kind == "reference"]
