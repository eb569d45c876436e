"""Resources of one message are gathered into one transaction, each thing once."""

from collections.abc import Sequence
from typing import cast

from wherry.fhir import bundle
from wherry.fhir.identity import full_url, key
from wherry.fhir.merge import merge
from wherry.resource import Bundle, Entry, Identifier, Merged, Reference, Resource

_OURS = "urn:wherry:hl7:"


class Made:
    """A resource in the draft: what it is known by, and how others refer to it."""

    __slots__ = ("_key", "entry", "identifier", "reference")

    def __init__(self, entry: Entry, identifier: Identifier) -> None:
        self.entry = entry
        self.identifier = identifier
        self.reference: Reference = {"reference": entry["fullUrl"]}
        self._key = ""

    @property
    def key(self) -> str:
        """What others that are known by their place in this one begin their own key with."""
        if not self._key:
            self._key = _key(self.resource["resourceType"], self.identifier)
        return self._key

    @property
    def resource(self) -> Resource:
        """The resource as it is now; what is set here is in the transaction."""
        return self.entry["resource"]


class Draft:
    """The transaction so far: keeps apart what only looks alike, joins what is the same thing."""

    __slots__ = ("_made", "_seen", "deletes", "entries", "known_as", "merges", "moved", "weak")

    def __init__(self) -> None:
        self.entries: list[Entry] = []
        self.deletes: dict[str, tuple[str, ...]] = {}
        self.weak: dict[str, tuple[str, ...]] = {}
        self.merges: dict[tuple[str, str], Merged] = {}
        self.moved: dict[str, None] = {}
        self.known_as: dict[str, tuple[str, ...]] = {}
        self._made: dict[str, Made] = {}
        self._seen: dict[str, int] = {}

    def add(
        self,
        resource: Resource,
        identifier: Identifier,
        *,
        deletes: Sequence[str] = (),
        weak: tuple[str, ...] = (),
    ) -> Made:
        """Put in a resource known by `identifier`.

        Said twice in one message (two PIDs of one patient), the second is laid over the first.
        """
        entry = bundle.known_by(resource, identifier)
        url = entry["fullUrl"]
        made = self._made.get(url)
        if made is not None:
            said = merge(made.resource, resource, deletes)
            made.entry["resource"] = said or made.resource
        else:
            made = self._made[url] = Made(entry, identifier)
            self.entries.append(entry)
        if deletes:
            self.deletes[url] = (*self.deletes.get(url, ()), *deletes)
        if weak:
            self.weak[url] = weak
        return made

    def unite(
        self,
        type_: str,
        old: Identifier,
        new: Identifier,
        *,
        renamed: bool = False,
        moved: bool = False,
    ) -> None:
        """Note that what `old` names is from now on known by `new`."""
        names = (f"{old['system']}|{old['value']}", f"{new['system']}|{new['value']}")
        if names[0] != names[1]:
            self.merges[type_, names[0]] = Merged(type_, old, new, renamed, moved)

    def known(self, type_: str, identifier: Identifier) -> Made | None:
        """What was put in under this identifier; None when nothing was."""
        return self.at(full_url(type_, identifier["system"], identifier["value"]))

    def at(self, url: str) -> Made | None:
        """What was put in under this full URL; None when nothing was."""
        return self._made.get(url)

    def to(self, type_: str, identifier: Identifier, named: Identifier | None) -> Reference:
        """A reference to what is in here under `identifier`; else a logical one by `named`."""
        made = self.known(type_, identifier)
        if made is not None:
            return made.reference
        return {"type": type_, **({"identifier": named} if named else {})}

    def insist(self, made: Made, element: str) -> None:
        """An element that was weak is so no more: the message says it after all."""
        url = made.entry["fullUrl"]
        left = tuple(one for one in self.weak.get(url, ()) if one != element)
        self.weak.pop(url, None)
        if left:
            self.weak[url] = left

    def remove(self, made: Made) -> None:
        """Take a resource out again; references to it are the caller's to drop."""
        url = made.entry["fullUrl"]
        self.entries.remove(made.entry)
        for held in (self._made, self.deletes, self.weak, self.known_as):
            cast("dict[str, object]", held).pop(url, None)

    def unique(self, key_: str) -> str:
        """`key_`, with #2, #3, … when it was asked for before: siblings stay apart, in order."""
        times = self._seen[key_] = self._seen.get(key_, 0) + 1
        return key_ if times == 1 else f"{key_}#{times}"

    def bundle(self, more: Sequence[Resource]) -> Bundle:
        """The transaction, with `more` under the ids that they carry."""
        return bundle.transaction([*self.entries, *map(bundle.under_id, more)])


def _key(type_: str, identifier: Identifier) -> str:
    system, value = identifier["system"], identifier["value"]
    if system.startswith(_OURS) and system.count(":") == 4 and system.endswith(_DERIVED):
        return value
    return key(type_.lower(), system, value)


_DERIVED = (":report", ":order", "-order", ":observation")
