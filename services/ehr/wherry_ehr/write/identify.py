"""Intents find the resources they mean: all ids and identifiers of a Bundle in a few queries."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime

from wherry.errors import Failure, Kind
from wherry_ehr.search.query import Query, Token, parse
from wherry_ehr.store.rows import Found
from wherry_ehr.store.sql_store import View
from wherry_ehr.write.intent import Intent, lone_identifier, pairs

Condition = tuple[str, str]
"""Type and query string."""


class Identities:
    """Who is meant by the ids and conditions of many intents."""

    def __init__(
        self, view: View, intents: Sequence[Intent], references: Iterable[str], *, now: datetime
    ) -> None:
        self._view, self._now = view, now
        self._ids = self._read_ids(intents)
        conditions = [(one.type, one.condition) for one in intents if one.condition]
        asked = [_split(reference) for reference in references]
        self._matches = self._resolve([*conditions, *asked])

    def of(self, intent: Intent) -> Found | None:
        """The resource meant, or None when there is none yet.

        Raises: Failure(STALE) when a condition matches several, Failure(INVALID) on a wrong id.
        """
        if not intent.condition:
            return self._ids.get((intent.type, intent.id))
        matches = self._matches[intent.type, intent.condition]
        if len(matches) > 1:
            raise Failure(Kind.UNMET, "the condition matches several resources", at=intent.at)
        own_id = intent.own_id
        if intent.method != "PUT" or own_id is None:
            return matches[0] if matches else None
        if matches and matches[0].id != own_id:
            raise Failure(Kind.INVALID, "the id is not that of the match", at=f"{intent.at}.id")
        if not matches and (intent.type, own_id) in self._ids:
            raise Failure(Kind.CONFLICT, "another resource has this id", at=f"{intent.at}.id")
        return matches[0] if matches else None

    def link(self, reference: str) -> str:
        """What a reference by search means. Raises: Failure(INVALID) unless it is exactly one."""
        matches = self._matches[_split(reference)]
        if len(matches) != 1:
            raise Failure(Kind.INVALID, "a reference by search must match one resource")
        return f"{matches[0].type}/{matches[0].id}"

    def _read_ids(self, intents: Sequence[Intent]) -> Mapping[tuple[str, str], Found]:
        wanted: defaultdict[str, set[str]] = defaultdict(set)
        for one in intents:
            if id_ := one.id or (one.method == "PUT" and one.own_id):
                wanted[one.type].add(id_)
        return self._view.by_targets(wanted)

    def _resolve(self, conditions: Iterable[Condition]) -> dict[Condition, Sequence[Found]]:
        resolved: dict[Condition, Sequence[Found]] = {}
        lone: defaultdict[str, dict[Token, Condition]] = defaultdict(dict)
        same: defaultdict[Condition, list[Condition]] = defaultdict(list)
        for condition in set(conditions):
            if identifier := lone_identifier(condition[1]):
                first = lone[condition[0]].setdefault(identifier, condition)
                same[first].append(condition)
            else:
                resolved[condition] = self._search(*condition)
        carriers = self._view.by_identifiers(lone)
        for type_, wanted in lone.items():
            for identifier, first in wanted.items():
                for condition in same[first]:
                    resolved[condition] = carriers.get((type_, identifier), ())
        return resolved

    def _search(self, type_: str, condition: str) -> Sequence[Found]:
        asked = parse(type_, pairs(condition), now=self._now)
        if not asked.terms:
            raise Failure(Kind.INVALID, "a condition needs a search parameter", at=type_)
        return self._view.search(Query(type_, asked.terms, count=2)).found


def _split(reference: str) -> Condition:
    type_, _, query = reference.partition("?")
    return type_, query
