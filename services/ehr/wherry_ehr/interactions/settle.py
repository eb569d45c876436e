"""Writes of a limited caller: each becomes a write by id, of what the caller may see and change.

A condition is searched for within the limits, so that it tells nothing about what is beyond them.
"""

from collections.abc import Sequence

from wherry.errors import Failure, Kind
from wherry_ehr.ask import Answer, Ask
from wherry_ehr.deps import Deps
from wherry_ehr.interactions.allowed import Limits, outside, sees, unknown, within
from wherry_ehr.search.query import Query, parse
from wherry_ehr.store.rows import Found
from wherry_ehr.store.sql_store import View
from wherry_ehr.write.intent import Intent, pairs

LETTERS = {"POST": "c", "PUT": "u", "DELETE": "d"}


def settled(intents: Sequence[Intent], view: View, ask: Ask, deps: Deps) -> list[Intent]:
    """The same writes, held to the limits of the caller.

    Raises: Failure(FORBIDDEN, NOT_FOUND, UNMET, INVALID) at the first that is beyond them.
    """
    if ask.limits is None:
        return list(intents)
    return [_Settling(view, ask.limits, deps).one(intent) for intent in intents]


def refuse_beyond(
    intents: Sequence[Intent], answers: Sequence[Answer], view: View, ask: Ask
) -> None:
    """Look at what was written, links and all, before it is committed.

    Raises: Failure(FORBIDDEN) for a resource that is not within the caller's limits.
    """
    if ask.limits is None:
        return
    for intent, answer in zip(intents, answers, strict=True):
        if intent.told is None or answer.version is None:
            continue
        found = view.read(answer.version.type, answer.version.id)
        letter = LETTERS[intent.method]  # an update stays one when it makes something (R123)
        if found and not ask.limits.holds(found.type, found.body, letter, view):
            raise outside()


def links_within(references: set[str], view: View, ask: Ask, deps: Deps) -> dict[str, str]:
    """What references by search mean to a limited caller.

    Raises: Failure(INVALID) unless each finds exactly one of what the caller may see.
    """
    if ask.limits is None:
        return {}
    links = {}
    for reference in sorted(references):
        type_, _, condition = reference.partition("?")
        query = condition_query(Intent(type_, "GET", type_, condition=condition), deps)
        found = view.search(within(query, ask.limits, view)).found
        if len(found) != 1:
            raise Failure(Kind.INVALID, "a reference by search must match one resource")
        links[reference] = f"{found[0].type}/{found[0].id}"
    return links


def condition_query(intent: Intent, deps: Deps) -> Query:
    """The search of a condition. Raises: Failure(INVALID) when it asks for nothing."""
    asked = parse(intent.type, pairs(intent.condition), now=deps.clock.now())
    if not asked.terms:
        raise Failure(Kind.INVALID, "a condition needs a search parameter", at=intent.type)
    return Query(intent.type, asked.terms, count=2)


class _Settling:
    """Holds one caller's writes to its limits."""

    def __init__(self, view: View, limits: Limits, deps: Deps) -> None:
        self._view, self._limits, self._deps = view, limits, deps

    def one(self, intent: Intent) -> Intent:
        """The write by id that this comes to."""
        letter = LETTERS[intent.method]
        if not self._limits.may(intent.type, letter):
            raise outside()
        match = self._match(intent) if intent.condition else None
        if intent.method == "POST":
            settled = intent._replace(id=match.id if match else "", condition="")
        elif intent.condition:
            settled = self._conditional(intent, match)
        else:
            self._refuse_unseen(intent, letter)
            settled = intent
        return settled

    def _refuse_unseen(self, intent: Intent, letter: str) -> None:
        """What is not there and what is another's are answered alike, so no id can be tried.

        An update may make what is not there. Source: SMART 2.2, R123.
        """
        found = self._view.by_ids(intent.type, [intent.id], bodies=True).get(intent.id)
        if found is not None and found.gone:
            found = self._view.version(intent.type, intent.id, found.vid - 1)
            absent = True
        else:
            absent = found is None
        if found is not None and not sees(self._limits, found, letter, self._view):
            raise unknown(intent.type)
        if absent and intent.method != "PUT" and not self._limits.free(intent.type, letter):
            raise unknown(intent.type)

    def _match(self, intent: Intent) -> Found | None:
        query = within(condition_query(intent, self._deps), self._limits, self._view)
        matches = self._view.search(query).found
        if len(matches) > 1:
            raise Failure(Kind.UNMET, "the condition matches several resources", at=intent.at)
        return matches[0] if matches else None

    def _conditional(self, intent: Intent, match: Found | None) -> Intent:
        if match:
            if not sees(self._limits, match, LETTERS[intent.method], self._view):
                raise outside()
            if intent.own_id not in {None, match.id}:
                raise Failure(Kind.INVALID, "the id is not that of the match", at=f"{intent.at}.id")
            return intent._replace(id=match.id, condition="")
        if intent.method == "DELETE":
            return intent._replace(condition="")
        if intent.own_id is not None:
            raise unknown(intent.type)
        if not self._limits.may(intent.type, "c"):
            raise outside()
        return intent._replace(method="POST", condition="")
