"""What is known by several names is found by any of them: an order by its filler's number."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field

from wherry.fhir.identity import search_url
from wherry.resource import Entry, Identifier, Resource, Translation

Key = Callable[[str], str]
Now = Callable[[str], Resource | None]


@dataclass(slots=True)
class Names:
    """By search, the key of what this batch says under that name, and all keys if it is several.

    `instead` are the searches, by full URL, by which a thing is created whose own name is that of
    several others.
    """

    keys: dict[str, str] = field(default_factory=dict)
    instead: dict[str, str] = field(default_factory=dict)
    shared: dict[str, set[str]] = field(default_factory=dict)

    def note(self, entry: Entry, key: str) -> None:
        """Remember all names of a thing."""
        resource = entry["resource"]
        for one in resource.get("identifier", ()):
            name = search_url(resource["resourceType"], one)
            self.keys.setdefault(name, key)
            self.shared.setdefault(name, set()).add(key)

    def ambiguous(self, name: str, stored: str) -> bool:
        """Whether several have this name: here, or one here and another one that is stored."""
        return len(self.shared.get(name, set()) | ({stored} if stored else set())) > 1

    def entry(self, entry: Entry) -> Entry:
        """The entry, found by a name that is its own."""
        other = self.instead.get(entry["fullUrl"])
        return {**entry, "request": {"method": "PUT", "url": other}} if other else entry

    def recognised(self, translation: Translation, key: Key, now: Now) -> dict[str, str]:
        """The keys of those things, by full URL, that are known by another name than their first.

        Two of one message are never the same, nor are two whose numbers of one kind differ.
        """
        entries = {entry["fullUrl"]: entry for entry in translation.bundle["entry"]}
        taken = {key(url) for url in entries}
        found: dict[str, str] = {}
        for url, searches in translation.known_as.items():
            if (entry := entries.get(url)) is None:
                continue
            at = key(url)
            if now(at) is None:
                names = (entry["request"]["url"], *searches)
                at = self._other(entry["resource"], names, taken, key, now) or at
            if at != key(url):
                found[url] = at
                taken.add(at)
            self.note(entry, at)
        return found

    def _other(
        self, said: Resource, names: Iterable[str], taken: set[str], key: Key, now: Now
    ) -> str:
        for name in names:
            at = key(self.keys.get(name, name))
            known = now(at)
            if at not in taken and known is not None and not differ(known, said):
                return at
        return ""


def searches(batch: Iterable[Translation]) -> dict[str, str]:
    """Every other name in a batch, as a search under its own text."""
    return {one: one for each in batch for names in each.known_as.values() for one in names}


def differ(one: Resource, other: Resource) -> bool:
    """Whether both have numbers of one kind from one authority, and not one of them is the same."""
    first, second = _by_kind(one), _by_kind(other)
    return any(first[kind].isdisjoint(second[kind]) for kind in first.keys() & second.keys())


def _by_kind(resource: Resource) -> Mapping[tuple[str, str], set[str]]:
    found: dict[tuple[str, str], set[str]] = {}
    for one in resource.get("identifier", ()):
        found.setdefault((one.get("system", ""), _type(one)), set()).add(one.get("value", ""))
    return found


def _type(one: Identifier) -> str:
    codings = one.get("type", {}).get("coding", ())
    return next((coding.get("code", "") for coding in codings), "")
