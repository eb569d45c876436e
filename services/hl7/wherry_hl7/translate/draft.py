"""Resources of one message are gathered into one transaction, each thing once."""

from collections.abc import Sequence

from wherry.fhir import bundle
from wherry.fhir.merge import merge
from wherry.resource import Bundle, Entry, Identifier, Reference, Resource


class Draft:
    """The transaction so far: keeps apart what only looks alike, joins what is the same thing."""

    __slots__ = ("_at", "_seen", "deletes", "entries", "weak")

    def __init__(self) -> None:
        self.entries: list[Entry] = []
        self.deletes: dict[str, tuple[str, ...]] = {}
        self.weak: dict[str, tuple[str, ...]] = {}
        self._at: dict[str, int] = {}
        self._seen: dict[str, int] = {}

    def add(
        self,
        resource: Resource,
        identifier: Identifier,
        *,
        deletes: tuple[str, ...] = (),
        weak: tuple[str, ...] = (),
    ) -> Reference:
        """Put in a resource known by `identifier` and return a reference to it.

        Said twice in one message (two PIDs of one patient), the second is laid over the first.
        """
        entry = bundle.known_by(resource, identifier)
        url = entry["fullUrl"]
        if url in self._at:
            before = self.entries[self._at[url]]
            before["resource"] = merge(before["resource"], resource, deletes) or before["resource"]
        else:
            self._at[url] = len(self.entries)
            self.entries.append(entry)
        if deletes:
            self.deletes[url] = (*self.deletes.get(url, ()), *deletes)
        if weak:
            self.weak[url] = weak
        return {"reference": url}

    def unique(self, key: str) -> str:
        """`key`, with #2, #3, … when it was asked for before: siblings stay apart, in order."""
        times = self._seen[key] = self._seen.get(key, 0) + 1
        return key if times == 1 else f"{key}#{times}"

    def bundle(self, more: Sequence[Resource]) -> Bundle:
        """The transaction, with `more` under the ids that they carry."""
        return bundle.transaction([*self.entries, *map(bundle.under_id, more)])
