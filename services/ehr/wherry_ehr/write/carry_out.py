"""Intents become new versions: who is meant, what changed, one append for all."""

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from wherry.errors import Failure, Kind
from wherry.fhir.interval import micros
from wherry_ehr.ask import Answer, Version
from wherry_ehr.store.rows import Found, Fresh
from wherry_ehr.store.sql_store import Writing
from wherry_ehr.write.content import content
from wherry_ehr.write.identify import Identities
from wherry_ehr.write.ids import ordered_ids
from wherry_ehr.write.intent import Intent, lone_identifier, pairs
from wherry_ehr.write.told import NOTHING

Target = tuple[str, str]


@dataclass(frozen=True, slots=True)
class Stamp:
    """What a write needs from outside: the time and a random seed."""

    now: datetime
    seed: str


def carry_out(
    intents: Sequence[Intent],
    view: Writing,
    stamp: Stamp,
    *,
    references: Collection[str] = (),
) -> list[Answer]:
    """Do all or raise; answers stand in the order of the intents, without the resources.

    `references` are the searches that stand in place of references.
    Raises: Failure(STALE, UNMET, CONFLICT, INVALID, NOT_FOUND) at the entry that cannot be done.
    """
    updated = micros(stamp.now) // 1000 * 1000
    identities = Identities(view, intents, references, now=stamp.now)
    found = [identities.of(intent) for intent in intents]
    ids = ordered_ids(updated, stamp.seed)
    targets = [_target(*pair, ids) for pair in zip(intents, found, strict=True)]
    _refuse_overlap(intents, targets)
    links = _links(intents, targets)
    links.update((reference, identities.link(reference)) for reference in references)
    fresh: list[Fresh] = []
    make = _Maker(updated, links, fresh)
    answers = [make.one(*parts) for parts in zip(intents, found, targets, strict=True)]
    view.append(fresh, links)
    return answers


def _target(intent: Intent, found: Found | None, ids: Iterator[str]) -> Target:
    if found:
        return found.type, found.id
    if intent.id or intent.method == "POST":
        return intent.type, intent.id or next(ids)
    return intent.type, intent.own_id or next(ids)


def _refuse_overlap(intents: Sequence[Intent], targets: Sequence[Target]) -> None:
    """Source: FHIR R4 http, 3.1.0.11.2: resolved identities must not overlap."""
    seen: set[object] = set()
    for intent, target in zip(intents, targets, strict=True):
        keys: list[object] = [target]
        if intent.condition:
            lone = lone_identifier(intent.condition)
            keys.append((intent.type, lone or tuple(sorted(pairs(intent.condition)))))
        if not seen.isdisjoint(keys):
            raise Failure(Kind.INVALID, "two entries mean the same resource", at=intent.at)
        seen.update(keys)


def _links(intents: Sequence[Intent], targets: Sequence[Target]) -> dict[str, str]:
    links = {}
    for intent, (type_, id_) in zip(intents, targets, strict=True):
        if intent.full_url:
            if intent.full_url in links:
                raise Failure(Kind.INVALID, "two entries share a fullUrl", at=intent.at)
            links[intent.full_url] = f"{type_}/{id_}"
    return links


@dataclass(frozen=True, slots=True)
class _Maker:
    """Makes versions of one moment; new ones are added to `fresh`."""

    updated: int
    links: Mapping[str, str]
    fresh: list[Fresh]
    linked: dict[str, str] = field(default_factory=dict)

    def one(self, intent: Intent, found: Found | None, target: Target) -> Answer:
        """What becomes of one intent."""
        here = found if found and not found.gone else None
        _check_match(intent, here)
        if intent.method == "DELETE":
            return self._delete(here)
        if intent.method == "POST" and here:
            return Answer(200, version=here.version)
        told = intent.told or NOTHING
        said = content(told, self.links, at=intent.at, done=self.linked)
        if here and said.digest == here.digest:
            return Answer(200, version=here.version)
        version = Version(*target, found.vid + 1 if found else 1, self.updated)
        self.fresh.append(Fresh(version, said.digest, said.body(version), told, found))
        return Answer(200 if here else 201, version=version)

    def _delete(self, here: Found | None) -> Answer:
        """Deleting what is not there is done already."""
        if here is None:
            return Answer(204)
        version = Version(here.type, here.id, here.vid + 1, self.updated)
        self.fresh.append(Fresh(version, found=here))
        return Answer(204, version=version)


def _check_match(intent: Intent, here: Found | None) -> None:
    if not intent.if_match:
        return
    named = {one.strip().removeprefix("W/").strip('"') for one in intent.if_match.split(",")}
    if here is None or not ({"*", str(here.vid)} & named):
        raise Failure(Kind.STALE, "the resource is not at this version", at=intent.at)
