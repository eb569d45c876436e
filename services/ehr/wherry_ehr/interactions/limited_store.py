"""The store as the holder of a token sees it: what is not covered is not there, nor written.

Interactions are given this store in place of the real one, so that each of them, also one that is
added later, stays within the token. What this file does not limit is refused: everything else of a
view needs its connection, and there is none here.
"""

from collections.abc import Collection, Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any

from sqlalchemy import Connection

from wherry.errors import Failure, Kind
from wherry_ehr.interactions.limits import Limits
from wherry_ehr.search.query import AnyOf, Query, Term, Token
from wherry_ehr.store.rows import Found, Fresh
from wherry_ehr.store.sql_store import Matches, SqlStore, View, Writing


def outside() -> Failure:
    """What a scope does not cover. Source: RFC 6750, 3.1; SMART 2.2, R243."""
    return Failure(Kind.FORBIDDEN, "the token's scope does not cover this")


class LimitedView(View):
    """A view that knows what its holder may see.

    `letters` are those by which resources are looked up; a search needs `s` besides.
    """

    __slots__ = ("_inner", "_letters", "_limits")

    def __init__(self, inner: View, limits: Limits, letters: str) -> None:
        self._inner, self._limits, self._letters = inner, limits, letters

    @property
    def connection(self) -> Connection:  # type: ignore[override]
        """Nobody but the methods below asks the database."""
        raise outside()

    @property
    def promised(self) -> list[tuple[str, int, str]]:  # type: ignore[override]
        """Pages that are kept when the view ends."""
        return self._inner.promised

    def read(self, type_: str, id_: str) -> Found | None:
        """The current version, when it is covered."""
        return self._seen(self._inner.read(type_, id_))

    def version(self, type_: str, id_: str, vid: int) -> Found | None:
        """One version out of the log, when that very version is covered."""
        return self._seen(self._inner.version(type_, id_, vid))

    def by_ids(
        self, type_: str, ids: Collection[str], *, bodies: bool = False
    ) -> Mapping[str, Found]:
        """What is covered of these."""
        found = self._inner.by_ids(type_, ids, bodies=True)
        return {id_: one for id_, one in found.items() if self._seen(one)}

    def by_identifiers(
        self, type_: str, wanted: Collection[Token], *, bodies: bool = False
    ) -> Mapping[Token, Sequence[Found]]:
        """Who carries these identifiers and is covered by a search."""
        found = self._inner.by_identifiers(type_, wanted, bodies=True)
        return {key: [one for one in some if self._seen(one, "s")] for key, some in found.items()}

    def search(self, query: Query, after: Sequence[Any] = ()) -> Matches:
        """One page of the matches that are covered."""
        within = self._within(query)
        return Matches(()) if within is None else self._inner.search(within, after)

    def total(self, query: Query) -> int:
        """How many of the matches are covered."""
        within = self._within(query)
        return 0 if within is None else self._inner.total(within)

    def page(self, token: str) -> str | None:
        """What was promised; its search is narrowed again when it goes on."""
        return self._inner.page(token)

    def promise(self, token: str, made_at: int, state: str) -> None:
        """Keep a page for a `next` link."""
        self._inner.promise(token, made_at, state)

    def _within(self, query: Query) -> Query | None:
        """The search within what is covered. A search that looks into other resources could tell
        of what is not, so it is refused.
        """
        if not all(isinstance(term, Term | AnyOf) for term in query.terms):
            raise outside()
        return self._limits.narrowed(query, self._inner)

    def _seen(self, found: Found | None, letters: str = "") -> Found | None:
        if found is None:
            return None
        if self._limits.is_self(found.type, found.id):
            return found
        body = found.body or self._last_words(found)
        seen = self._limits.permits(found.type, body, letters or self._letters, self._inner)
        return found if seen else None

    def _last_words(self, found: Found) -> str:
        """What a deleted resource said last."""
        before = self._inner.version(found.type, found.id, found.vid - 1)
        return before.body if before else ""


class LimitedWriting(LimitedView, Writing):
    """A writer that may look at all ids, to know which are taken, and is stopped when it is done.

    Both what was and what comes have to be covered; otherwise nothing is written.
    """

    __slots__ = ()
    _inner: Writing

    def by_ids(
        self, type_: str, ids: Collection[str], *, bodies: bool = False
    ) -> Mapping[str, Found]:
        """What is stored under these ids."""
        return self._inner.by_ids(type_, ids, bodies=bodies)

    def append(self, fresh: Sequence[Fresh], links: Mapping[str, str]) -> None:
        """Write new versions. Raises: Failure(FORBIDDEN, NOT_FOUND), and nothing is written.

        Source: SMART 2.2, R95, R120 to R124, R130.
        """
        self._inner.append(fresh, links)
        for one in fresh:
            self._check(one)

    def _check(self, one: Fresh) -> None:
        type_, id_ = one.version.type, one.version.id
        before = one.found and self._inner.version(type_, id_, one.found.vid)
        said = (before.body or self._last_words(before)) if before else ""
        letters = "d" if one.told is None else "u"
        if before and not self._limits.permits(type_, said, letters, self._inner):
            # what is of another patient is not even said to exist
            raise Failure(Kind.NOT_FOUND, "no resource has this id", at=type_)
        if one.told is None:
            return
        now = self._inner.by_ids(type_, [id_], bodies=True)[id_]
        if not self._limits.permits(type_, now.body, "u" if before else "cu", self._inner):
            raise outside()


class LimitedStore(SqlStore):
    """The store for one request of one token's holder."""

    def __init__(self, store: SqlStore, limits: Limits, letters: str) -> None:
        self._store, self._limits, self._letters = store, limits, letters

    @contextmanager
    def view(self) -> Iterator[View]:
        """A moment of the store, for reading. Raises: Failure(UNAVAILABLE)."""
        with self._store.view() as view:
            yield LimitedView(view, self._limits, self._letters)

    @contextmanager
    def writing(self) -> Iterator[Writing]:
        """The write lock, and one durable commit at the end. Raises: Failure(UNAVAILABLE)."""
        with self._store.writing() as view:
            yield LimitedWriting(view, self._limits, self._letters)
