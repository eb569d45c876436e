"""Translations become what is stored: read once, merged in order, written in one transaction."""

from collections.abc import Sequence
from dataclasses import dataclass, field

from wherry.errors import Failure, Kind
from wherry.fhir.bundle import transaction
from wherry.fhir.merge import merge
from wherry.fhir.references import resolved
from wherry.ports import Fhir
from wherry.resource import Entry, Resource, Translation
from wherry.stored import Stored, read

TRIES = 3
_RACED = frozenset({Kind.STALE, Kind.CONFLICT})

# Failures that one translation can cause; all others are the server's or ours, whoever asks.
_ITS_OWN = _RACED | {Kind.INVALID, Kind.TOO_LARGE, Kind.UNPROCESSABLE, Kind.FAULT}


@dataclass(frozen=True, slots=True)
class Landed:
    """What became of one translation: the ids of its patients, how many resources it changed."""

    patients: tuple[str, ...]
    written: int


def land(batch: Sequence[Translation], fhir: Fhir) -> list[Landed | Failure]:
    """Store translations in order, all in one transaction, and say what became of each.

    What is stored and says the same is not written again, so a batch may land any number of times.
    When the server refuses the transaction, halves are tried, so that only the translation that it
    refuses fails. When the server is away or lets nobody in, all that are left get that failure.
    """
    if not batch:
        return []
    try:
        return list(_together(batch, fhir))
    except Failure as failure:
        if len(batch) == 1 or failure.kind not in _ITS_OWN:
            return [failure] * len(batch)
    middle = len(batch) // 2
    first, rest = land(batch[:middle], fhir), batch[middle:]
    for one in first:
        if isinstance(one, Failure) and one.kind not in _ITS_OWN:
            return [*first, *([one] * len(rest))]
    return [*first, *land(rest, fhir)]


def _together(batch: Sequence[Translation], fhir: Fhir) -> list[Landed]:
    """One read, one merge, one write; again from the read when somebody else wrote in between."""
    entries = [entry for translation in batch for entry in translation.bundle["entry"]]
    written = [0] * len(batch)
    resent: frozenset[str] | None = None
    for left in reversed(range(TRIES)):
        plan = _Plan(read(entries, fhir))
        if resent is None:  # only before we wrote ourselves is a record a sign of an earlier time
            resent = frozenset(url for url in _records(entries) if url in plan.stored.resources)
        changes = [plan.add(translation, resent) for translation in batch]
        try:
            lost = plan.write(fhir)
        except Failure as failure:
            if failure.kind not in _RACED or not left:
                raise
            continue
        written = [max(pair) for pair in zip(written, changes, strict=True)]
        if not lost:
            return [
                Landed(plan.patients(translation), count)
                for translation, count in zip(batch, written, strict=True)
            ]
    raise Failure(Kind.CONFLICT, "somebody else keeps writing the same resources", at="Bundle")


@dataclass(slots=True)
class _Plan:
    """What is to be written, one entry for each thing, however many messages spoke of it."""

    stored: Stored
    changed: dict[str, Entry] = field(default_factory=dict)

    def add(self, translation: Translation, resent: frozenset[str]) -> int:
        """Merge one translation's resources in; how many of them change something."""
        entries = translation.bundle["entry"]
        again = any(url in resent or url in self.changed for url in _records(entries))
        return sum(self._changes(entry, translation, resent=again) for entry in entries)

    def write(self, fhir: Fhir) -> bool:
        """Send the transaction; True when something was there after all and was left as it is."""
        if not self.changed:
            return False
        answer = fhir.send(transaction(list(self.changed.values())))
        lost = False
        for (url, entry), answered in zip(self.changed.items(), answer["entry"], strict=True):
            response = answered["response"]
            if entry["resource"]["resourceType"] == "Patient":  # whom to score; others nobody asks
                place = _place(response.get("location", ""), entry)
                self.stored.references.setdefault(url, place)
            if entry["request"]["method"] == "POST" and str(response["status"])[:3] != "201":
                lost = True
        return lost

    def patients(self, translation: Translation) -> tuple[str, ...]:
        """The ids of a translation's patients, once they are stored."""
        return translation.patients + tuple(
            self.stored.references[entry["fullUrl"]].removeprefix("Patient/")
            for entry in translation.bundle["entry"]
            if entry["resource"]["resourceType"] == "Patient"
        )

    def _changes(self, entry: Entry, translation: Translation, *, resent: bool) -> bool:
        url = entry["fullUrl"]
        stored = self.stored.resources.get(url)
        known = self.changed[url]["resource"] if url in self.changed else stored
        said = resolved(entry["resource"], self.stored.references)
        if known is None:
            merged: Resource | None = said
        elif "?" not in entry["request"]["url"]:
            return False  # the record of a message is never written again
        else:
            deletes, weak = translation.deletes.get(url, ()), translation.weak.get(url, ())
            merged = merge(known, said, deletes, weak, resent=resent)
        if merged is None:
            return False
        self.changed[url] = _entry(entry, merged, stored)
        return True


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


def _records(entries: Sequence[Entry]) -> list[str]:
    """What is not known by an identifier has an id of our making: the record of one message."""
    return [entry["fullUrl"] for entry in entries if "?" not in entry["request"]["url"]]


def _place(location: str, entry: Entry) -> str:
    """Type/id out of an answer's location, whatever base address stands before it."""
    parts = location.partition("/_history/")[0].split("/")
    return "/".join(parts[-2:]) if len(parts) > 1 else entry["request"]["url"]
