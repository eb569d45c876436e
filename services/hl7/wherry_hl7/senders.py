"""The profiles of a directory, and the one that a message comes under."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path

from wherry.errors import Failure, Kind
from wherry.hl7.message import Message
from wherry_hl7.identity import Systems
from wherry_hl7.mapping.compiler import Watch
from wherry_hl7.mapping.plan import Plans, plans
from wherry_hl7.mapping.profile import Profile, changes_maps, own_maps, profile
from wherry_hl7.mapping.reading import Read
from wherry_hl7.mapping.rule import many
from wherry_hl7.mapping.shipped import shipped_library
from wherry_hl7.mapping.tables import load_shipped
from wherry_hl7.translate.sender import DEFAULT, Sender
from wherry_hl7.zones import zone

_FIELDS = (3, 4, 5, 6)


@dataclass(frozen=True, slots=True)
class Known:
    """A profile with what it matches: for each of MSH-3 … and channel the texts it may be."""

    sender: Sender
    match: Mapping[str, frozenset[str]]

    def fits(self, said: Mapping[str, str]) -> bool:
        """Whether a message that says this of itself comes under it."""
        return all(said.get(name, "") in texts_ for name, texts_ in self.match.items())


@dataclass(frozen=True, slots=True)
class Senders:
    """All profiles; what fits none of them comes under `default`.

    `bound` are the profiles that whole channels come under, whatever a message says of itself.
    """

    default: Sender = DEFAULT
    known: tuple[Known, ...] = ()
    bound: Mapping[str, Sender] = field(default_factory=dict)

    def of(self, message: Message, channel: str = "") -> Sender:
        """The profile of a message: of those that fit the one that asks for most."""
        return self.by(message.msh.text, channel)

    def by(self, text: Callable[[int], str], channel: str = "") -> Sender:
        """The profile by what MSH says; `text` gives the first component of a field."""
        if bound := self.bound.get(channel):
            return bound
        if not self.known:
            return self.default
        said = {f"MSH-{n}": _folded(text(n)) for n in _FIELDS}
        said["channel"] = _folded(channel)
        fitting = [one for one in self.known if one.fits(said)]
        return max(fitting, key=lambda one: len(one.match)).sender if fitting else self.default

    def named(self, name: str) -> Sender:
        """The profile of this name. Raises: Failure(NOT_FOUND)."""
        for one in self.known:
            if one.sender.name == name:
                return one.sender
        if name == self.default.name:
            return self.default
        raise Failure(Kind.NOT_FOUND, "there is no such sender profile", at="sender")


def load(directory: str = "", *, default: Sender = DEFAULT, watch: Watch | None = None) -> Senders:
    """The profiles of a directory. Raises: Failure(INVALID) at file:line."""
    if not directory:
        return Senders(default)
    folder = Path(directory)
    if not folder.is_dir():
        raise Failure(Kind.INVALID, "the directory of sender profiles is not there", at=folder.name)
    found = [one(path, default=default, watch=watch) for path in sorted(folder.glob("*.yaml"))]
    _refuse_twins(found)
    return Senders(default, tuple(found))


def one(path: Path, *, default: Sender = DEFAULT, watch: Watch | None = None) -> Known:
    """The profile in one file, named as the file is; `watch` as of mapping.plan.plans.

    Raises: Failure(INVALID) at file:line.
    """
    try:
        text = path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError):
        raise Failure(Kind.INVALID, "the profile cannot be read", at=path.name) from None
    said, found = profile(text, path.name)
    try:
        own_zone = zone(said.zone) if said.zone else default.zone
    except Failure as failure:
        raise Failure(Kind.INVALID, failure.detail, at=found.at("zone")) from None
    sender = replace(
        default,
        name=path.stem,
        zone=own_zone,
        unidentified=said.unidentified or default.unidentified,
        systems=Systems(said.systems),
        trust=said.identity.patient,
        options=said.options,
        conformance=said.conformance,
        acknowledge=said.acknowledge,
        duplicates=said.duplicates,
        plans=_plans(said, found, watch),
    )
    match = {name: frozenset(map(_folded, many(texts_))) for name, texts_ in said.match.items()}
    return Known(sender, match)


def _plans(said: Profile, found: Read, watch: Watch | None) -> Plans | None:
    """Plans of its own where the profile changes maps, or where somebody watches."""
    if not changes_maps(said) and watch is None:
        return None
    maps, tables = own_maps(said, found, shipped_library(), load_shipped())
    return plans(maps, tables, watch) if watch else plans(maps, tables)


def _refuse_twins(found: Iterable[Known]) -> None:
    seen: dict[str, str] = {}
    for one_ in found:
        match = repr(sorted((name, sorted(texts_)) for name, texts_ in one_.match.items()))
        if match in seen:
            detail = f"it matches what {seen[match]} matches"
            raise Failure(Kind.INVALID, detail, at=f"{one_.sender.name}.yaml")
        seen[match] = one_.sender.name


def _folded(text: str) -> str:
    return text.strip().upper()
