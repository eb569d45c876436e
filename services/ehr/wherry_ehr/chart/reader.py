"""What a chart page reads, and how it is read out of the store."""

from collections.abc import Mapping
from typing import Protocol

from wherry.codec import decode
from wherry.errors import Failure, Kind
from wherry.ports import Clock
from wherry.resource import Resource
from wherry_ehr.search.query import parse
from wherry_ehr.store.sql_store import SqlStore


class ChartReader(Protocol):
    """The reading half of a FHIR server."""

    def read(self, type_: str, id_: str) -> Resource:
        """One resource. Raises: Failure(NOT_FOUND)."""
        ...

    def search(self, type_: str, params: Mapping[str, str], *, limit: int = 1000) -> list[Resource]:
        """Matches in the order of `_sort`, at most `limit`."""
        ...


class StoreReader:
    """Reads the sandbox's own store, without HTTP between."""

    def __init__(self, store: SqlStore, clock: Clock) -> None:
        self._store = store
        self._clock = clock

    def read(self, type_: str, id_: str) -> Resource:
        """One resource. Raises: Failure(NOT_FOUND)."""
        with self._store.view() as view:
            found = view.read(type_, id_)
        if found is None or found.gone:
            raise Failure(Kind.NOT_FOUND, "no resource has this id", at=type_)
        return _resource(found.body)

    def search(self, type_: str, params: Mapping[str, str], *, limit: int = 1000) -> list[Resource]:
        """Matches in the order of `_sort`, at most `limit`."""
        asked = [*params.items(), ("_count", str(limit))]
        query = parse(type_, asked, now=self._clock.now())
        with self._store.view() as view:
            return [_resource(found.body) for found in view.search(query).found]


def _resource(body: str) -> Resource:
    resource: Resource = decode(body)
    return resource
