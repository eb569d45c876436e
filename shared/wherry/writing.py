"""What is stored and what messages say become one transaction: one entry for each thing."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from wherry import linking
from wherry.errors import Failure, Kind
from wherry.fhir import merged
from wherry.fhir.bundle import transaction
from wherry.fhir.identity import full_url
from wherry.fhir.merge import merge
from wherry.fhir.references import resolved, resolved_everywhere
from wherry.linking import linked
from wherry.merging import followed, repointed
from wherry.ports import Fhir
from wherry.recognising import Names
from wherry.resource import Entry, Identifier, Link, Merged, Resource, Translation
from wherry.stored import Stored

# Paths of deletions whose key is a reference.
_BY_REFERENCE = "link:"
# Types whose place is wanted after the write: whom to score, and what is moved as a whole.
_ASKED_FOR = frozenset({"Patient", "Encounter", "Account"})
_MOST_STEPS = 64
_URN = "urn:"


@dataclass(slots=True)
class Plan:
    """What is to be written, one entry for each thing, however many messages spoke of it.

    A thing's key is the reference to it where it is stored, else its full URL. `moves` are the
    references of what was merged and the keys of what stays, `carried` the full URLs of visits that
    another patient has now, with the time when that was stored if it was before.
    """

    stored: Stored
    changed: dict[str, Entry] = field(default_factory=dict)
    moves: dict[str, str] = field(default_factory=dict)
    carried: dict[str, str] = field(default_factory=dict)
    names: Names = field(default_factory=Names)
    _known: dict[str, Resource] = field(default_factory=dict)

    def __post_init__(self) -> None:
        """Look stored resources up by what refers to them."""
        for url, resource in self.stored.resources.items():
            self._known[self.stored.references[url]] = resource

    def add(self, translation: Translation, *, resent: bool) -> int:
        """Merge one translation's resources in; how many of them change something."""
        self._recognise(translation)
        one_already = {_url(one.type, one.old) for one in translation.merges if self._is_one(one)}
        count = 0
        for entry in translation.bundle["entry"]:
            if entry["fullUrl"] not in one_already:
                count += self._changes(entry, translation, one_already, resent=resent)
        for one in translation.merges:
            count += self._unite(one, resent=resent)
        for link in translation.links:
            count += self._link(link)
        for url in translation.moved:
            self.carried.setdefault(url, self._stored_at(translation) if resent else "")
        return count

    def write(self, fhir: Fhir) -> bool:
        """Send the transaction; True when something was there after all and was left as it is."""
        if not self.changed:
            return False
        answer = fhir.send(transaction(list(self.changed.values())))
        lost = False
        for entry, answered in zip(self.changed.values(), answer["entry"], strict=True):
            response = answered["response"]
            if entry["resource"]["resourceType"] in _ASKED_FOR:
                place = _place(response.get("location", ""), entry)
                self.stored.references.setdefault(entry["fullUrl"], place)
            if entry["request"]["method"] == "POST" and str(response["status"])[:3] != "201":
                lost = True
        return lost

    def carry_over(self, fhir: Fhir) -> None:
        """Bring to what stays all that belonged to what was merged into it, once that is written.

        It is done again for a message that comes again: so what was broken off is finished.
        """
        for old, new in self.moves.items():
            repointed(old, self._key(new), fhir)
        for url, before in self.carried.items():
            holder = self._key(url)
            now = self._now(holder) or {}
            subject, source = _subject(now), str(now.get("meta", {}).get("source", ""))
            if subject and not holder.startswith(_URN):
                followed(holder, self._key(subject), fhir, source=source, before=before)

    def patients(self, translation: Translation) -> tuple[str, ...]:
        """The ids of a translation's patients, once they are stored."""
        found = [
            self._key(entry["fullUrl"]).removeprefix("Patient/")
            for entry in translation.bundle["entry"]
            if entry["resource"]["resourceType"] == "Patient"
        ]
        return tuple(dict.fromkeys((*translation.patients, *found)))

    def _recognise(self, translation: Translation) -> None:
        """Find by another name what its own name does not find."""
        if not translation.known_as:
            return
        self._certain(translation)
        self.stored.references.update(self.names.recognised(translation, self._key, self._now))
        for url, others in translation.known_as.items():
            if url in self.stored.several and url not in self.stored.references:
                self.names.instead[url] = others[0]

    def _certain(self, translation: Translation) -> None:
        """Refuse a thing that has only a name that others have, too: it could be any of them."""
        for entry in translation.bundle["entry"]:
            url, name = entry["fullUrl"], entry["request"]["url"]
            if name not in translation.known_as.get(url, ()):
                continue
            stored = self.stored.references.get(url, "")
            if url in self.stored.several or self.names.ambiguous(name, stored):
                type_ = entry["resource"]["resourceType"]
                raise Failure(Kind.UNPROCESSABLE, "two have this identifier", at=type_)

    def _stored_at(self, translation: Translation) -> str:
        """When the record of a message that comes again was stored."""
        for entry in translation.bundle["entry"]:
            if "?" not in entry["request"]["url"]:
                record = self.stored.resources.get(entry["fullUrl"], {})
                return str(record.get("meta", {}).get("lastUpdated", ""))
        return ""

    def _key(self, url: str) -> str:
        key = url
        for _ in range(_MOST_STEPS):
            ahead = self.stored.references.get(key, key)
            if ahead == key:
                break
            key = ahead
        return key

    def _now(self, key: str) -> Resource | None:
        return self.changed[key]["resource"] if key in self.changed else self._known.get(key)

    def _changes(
        self, entry: Entry, translation: Translation, one_already: set[str], *, resent: bool
    ) -> bool:
        url, request = entry["fullUrl"], entry["request"]
        key, said = self._key(url), entry["resource"]
        if one_already:
            said = merged.without_links(said, one_already)
        said = resolved(said, self.stored.references)
        known = self._now(key)
        if known is None:
            made: Resource | None = said
        elif "?" not in request["url"]:
            return False  # the record of a message is never written again
        else:
            deletes, weak = self._deletes(translation.deletes, url), translation.weak.get(url, ())
            made = merge(known, said, deletes, weak, resent=resent)
        if made is None:
            return False
        self._put(key, entry, made)
        return True

    def _deletes(self, deletes: Mapping[str, tuple[str, ...]], url: str) -> tuple[str, ...]:
        """The deletions of a full URL, with references to what is stored."""
        found = deletes.get(url, ())
        if not any(path.startswith(_BY_REFERENCE) for path in found):
            return found
        parted = [path.partition(":") for path in found]
        return tuple(f"{name}{mark}{self._key(other)}" for name, mark, other in parted)

    def _put(self, key: str, entry: Entry, resource: Resource) -> None:
        """Write this; the first entry for a thing says how it is found."""
        if key in self.changed:
            self.changed[key] = {**self.changed[key], "resource": resource}
        else:
            self.changed[key] = _entry(self.names.entry(entry), resource, self._known.get(key))

    def _link(self, link: Link) -> bool:
        """Say of one thing that it was derived from the other, if both are there by now."""
        of, to = (self._key(linking.url(one)) for one in (link.of, link.to))
        now = self._now(of)
        if now is None or self._now(to) is None:
            return False
        return self._replace(of, linked(now, to, link))

    def _is_one(self, one: Merged) -> bool:
        """Whether both names mean one thing already; a mere renaming makes it so."""
        old, new = (self._key(_url(one.type, named)) for named in (one.old, one.new))
        if one.renamed and self._now(new) is None and self._now(old) is not None:
            self.stored.references[_url(one.type, one.new)] = old
            return True
        return old == new

    def _unite(self, one: Merged, *, resent: bool) -> bool:
        """What `old` named is from now on what `new` names; True when that changes something."""
        urls = [_url(one.type, named) for named in (one.old, one.new)]
        old, new = map(self._key, urls)
        for url in urls:
            self.moves |= dict.fromkeys(self.stored.former.get(url, ()), new)
        stays = self._now(new)
        if resent or stays is None:
            return False
        if old == new:
            names = merged.revived(stays.get("identifier", []), one.new)
            return self._replace(new, merged.grown({**stays, "identifier": names}, one.old, ()))
        goes = self._now(old)
        if one.moved and (left := merged.without(goes or {}, one.old)):
            self._replace(old, {**(goes or {}), "identifier": left})
            self._replace(new, merged.named_too(stays, one.old))
            self._redirect(old, new, only=urls[0])
            return True
        if goes is not None:
            self._replace(old, merged.retired(goes, new))
        others = goes.get("identifier", []) if goes else []
        self._replace(new, merged.grown(stays, one.old, others, old if goes else ""))
        self._redirect(old, new)
        return True

    def _replace(self, key: str, resource: Resource) -> bool:
        if resource == self._now(key):
            return False
        type_ = resource["resourceType"]
        self._put(key, {"fullUrl": key, "request": {"method": "PUT", "url": f"{type_}?"}}, resource)
        return True

    def _redirect(self, old: str, new: str, *, only: str = "") -> None:
        """From here on whoever means `old` means `new`, in what is written and what is to come.

        `only`: what is to come means it by this full URL alone.
        """
        references = self.stored.references
        for url, at in references.items():
            if at == old and only in ("", url):
                references[url] = new
        if not only:
            references[old] = new
        if old in self._known:
            self.moves[old] = new
        for key, entry in self.changed.items():
            if key not in (old, new) and entry["resource"]["resourceType"] != "Provenance":
                entry["resource"] = resolved_everywhere(entry["resource"], {old: new})


def _entry(entry: Entry, resource: Resource, stored: Resource | None) -> Entry:
    """A create that does nothing if somebody else was first, or an update of this very version."""
    type_, _, condition = entry["request"]["url"].partition("?")
    made: Entry = {"fullUrl": entry["fullUrl"], "resource": resource}
    if stored is not None:
        made["request"] = {"method": "PUT", "url": f"{type_}/{stored['id']}"}
        if version := stored.get("meta", {}).get("versionId"):
            made["request"]["ifMatch"] = f'W/"{version}"'
    elif condition:
        made["request"] = {"method": "POST", "url": type_, "ifNoneExist": condition}
    else:
        made["request"] = entry["request"]
    return made


def _subject(holder: Resource) -> str:
    """Whose visit or account it is; an Account has a list of subjects."""
    said = holder.get("subject", {})
    first = (said[:1] or [{}])[0] if isinstance(said, list) else said
    return str(first.get("reference", ""))


def _url(type_: str, identifier: Identifier) -> str:
    return full_url(type_, identifier["system"], identifier["value"])


def _place(location: str, entry: Entry) -> str:
    """Type/id out of an answer's location, whatever base address stands before it."""
    parts = location.partition("/_history/")[0].split("/")
    return "/".join(parts[-2:]) if len(parts) > 1 else entry["request"]["url"]
