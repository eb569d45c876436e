"""A template is data: which parts of a source's payload are readings of which kind, in which unit.

Expressions are JMESPath without functions. They select and never calculate. One that begins with
`$.` looks at the whole payload, all others at one item.
"""

from collections.abc import Iterator, Mapping
from functools import cached_property
from hashlib import sha256
from typing import Any, Literal

import msgspec

from wherry_devices.mapping.details import Amount, Bit, Waves
from wherry_devices.mapping.expression import Expression, expression


class Bounds(msgspec.Struct, frozen=True, forbid_unknown_fields=True, omit_defaults=True):
    """A device's scale ends: where `at` says one of `names`, the value is beyond its `limits`.

    A comparator has a limit for each UCUM unit that the value may be in.
    """

    at: str
    names: dict[str, str]
    limits: dict[str, dict[str, str]]


class Value(msgspec.Struct, frozen=True, forbid_unknown_fields=True, omit_defaults=True):
    """One reading of an item: number · 10^exponent, in a fixed `unit` or the one at `unit_from`.

    `exponent` is a place in the payload, `shift` a fixed power of ten. `text` takes numbers sent as
    texts. `quantum` takes trailing zeros away that are the source's encoding and not its
    precision; `resolution` rounds to what the device can tell. `units` goes before the template's.
    `absent` names the numbers that this source sends for none, with FHIR's reason for each. An
    `optional` one may be missing. A `supplement` has no number: it tells more about a measurement.
    """

    kind: str
    number: str = ""
    exponent: str = ""
    unit: str = ""
    unit_from: str = ""
    quantum: str = ""
    shift: int = 0
    text: bool = False
    resolution: str = ""
    units: dict[str, str] = {}
    absent: dict[str, str] = {}
    bounds: Bounds | None = None
    mdc: str = ""
    optional: bool = False
    supplement: bool = False


class Rule(msgspec.Struct, frozen=True, forbid_unknown_fields=True, omit_defaults=True):
    """Items for which `when` is true are not read, for a named reason."""

    when: str
    reason: str


class Time(msgspec.Struct, frozen=True, forbid_unknown_fields=True, omit_defaults=True):
    """Where a time is, in one or more of the ways that `times.WAYS` knows, tried in its order.

    `zone`, `offset`, `end`, `system`, `changed_s`, `device_clock`, `hub_clock` and `unset` are
    places of what belongs to it; `lasts` and `lasts_in` those of an interval's length and its unit.
    `offset_in` is s, min, h or hhmm for offsets that are numbers.
    """

    epoch_s: str = ""
    epoch_ms: str = ""
    epoch_local_s: str = ""
    utc: str = ""
    display: str = ""
    device_local: str = ""
    local: str = ""
    floating: str = ""
    spaced: str = ""
    iso: str = ""
    start_iso: str = ""
    date: str = ""
    received: str = ""
    end_iso: str = ""
    lasts: str = ""
    lasts_in: str = ""
    end: str = ""
    zone: str = ""
    offset: str = ""
    offset_in: str = ""
    system: str = ""
    changed_s: str = ""
    device_clock: str = ""
    hub_clock: str = ""
    unset: str = ""

    def places(self) -> Iterator[tuple[str, str]]:
        """The expressions in it by name; empty ones are left out."""
        for name in self.__struct_fields__:
            if name != "offset_in" and (text := getattr(self, name)):
                yield name, text


class From(msgspec.Struct, frozen=True, forbid_unknown_fields=True, omit_defaults=True):
    """Who took the number down, by what the source says."""

    at: str
    names: dict[str, str]
    otherwise: str = "unknown"


class Telemetry(msgspec.Struct, frozen=True, forbid_unknown_fields=True, omit_defaults=True):
    """What a payload tells of devices themselves or of the hub that carries them.

    Each of `items`, or only those of which `when` is true, tells it of `device`, or of `gateway`
    where no device is named. `at` is when, as ISO 8601 with offset or as seconds since 1970; when
    the payload came without it. `said` gives a place for each of the names in `telemetry.NAMES`;
    `text` takes numbers sent as texts.
    """

    items: str
    said: dict[str, str]
    when: str = ""
    device: str = ""
    gateway: str = ""
    at: str = ""
    text: bool = False


class Template(
    msgspec.Struct, frozen=True, forbid_unknown_fields=True, omit_defaults=True, dict=True
):
    """How the payloads of one source are read; `id` is the name of the source.

    Items hold measures at `each`; `code` says what a measure is. Without a `code`, all values under
    `"*"` are looked for in every item, and only those that are there are read. `recognised_by` is
    true of payloads of this source and of no other's. A `hint` says that a payload only tells of
    readings to fetch. `unsure`, `demo` and `deleted` are true of items whose time was guessed, that
    nobody's body was measured for, and that the source takes back. `quality` names marks of
    readings by what must be true for them, `context` what was said about the person then, `status`
    how the measurement went, by the names of `status.BITS`. `ignored` are codes without a kind,
    each with its reason; `not_mapped` the same, the other way round. `home`: people measure
    themselves with it. `path` is how readings come: from the vendor, by way of what collects of
    many vendors, or of a phone; who is later in this is the duplicate. `apart`: what belongs to one
    measurement may come in payloads of their own. `sequence` is the number by which a device's
    messages about one measurement know each other, `index` which of several at one time it is.
    `amounts` are numbers of the context.

    `withdrawn` selects intervals that the source takes back all readings of: objects with account,
    code, start and end.

    In a file, `codes_of` takes codes, units and what is not mapped from a template of this package.
    """

    id: str
    version: str
    title: str
    items: str
    codes: dict[str, list[Value]]
    time: Time
    code: str = ""
    recognised_by: str = ""
    hint: list[Rule] = []
    withdrawn: str = ""
    each: str = "[@]"
    ignored: dict[str, str] = {}
    not_mapped: dict[str, list[str]] = {}
    units: dict[str, str] = {}
    account: str = ""
    device: str = ""
    model: str = ""
    manufacturer: str = ""
    gateway: str = ""
    slot: str = ""
    site: str = ""
    position: str = ""
    demo: str = ""
    deleted: str = ""
    unsure: str = ""
    quality: dict[str, str] = {}
    context: dict[str, str] = {}
    amounts: dict[str, Amount] = {}
    status: dict[str, Bit] = {}
    waves: Waves | None = None
    home: bool = False
    path: Literal["direct", "aggregator", "relay"] = "direct"
    apart: bool = False
    record: str = ""
    index: str = ""
    sequence: str = ""
    modified: Time | None = None
    origin: From | None = None
    drop: list[Rule] = []
    quarantine: list[Rule] = []
    telemetry: list[Telemetry] = []

    @cached_property
    def left_out(self) -> Mapping[str, str]:
        """Codes that are known and not read, each with its reason: `ignored`, `not_mapped`."""
        listed = {code: why for why, codes in self.not_mapped.items() for code in codes}
        return listed | self.ignored

    @cached_property
    def digest(self) -> str:
        """The SHA-256 of what the template says, for the record of how a reading was made."""
        return sha256(msgspec.json.encode(self, order="deterministic")).hexdigest()


def expressions(template: Template) -> Iterator[tuple[tuple[str | int, ...], str]]:
    """Every expression of a template with the path to it; empty ones are left out."""
    for name in _PLACES:
        yield (name,), getattr(template, name)
    for name in ("time", "modified"):
        if (time := getattr(template, name)) is not None:
            yield from (((name, part), text) for part, text in time.places())
    if template.origin is not None:
        yield ("origin", "at"), template.origin.at
    for name in ("drop", "quarantine", "hint"):
        for number, rule in enumerate(getattr(template, name)):
            yield (name, number, "when"), rule.when
    for name in ("quality", "context"):
        for word, text in getattr(template, name).items():
            yield (name, word), text
    yield from _told(template)
    for name in ("status", "amounts"):
        for word, one in getattr(template, name).items():
            yield (name, word), one.at
    if template.waves is not None:
        for name in ("frequency", "nanovolts", "lasts_ms", "determination"):
            yield ("waves", name), getattr(template.waves, name)
    yield from _of_values(template)


def _of_values(template: Template) -> Iterator[tuple[tuple[str | int, ...], str]]:
    for code, values in template.codes.items():
        for number, value in enumerate(values):
            for part in ("number", "exponent", "unit_from"):
                yield ("codes", code, number, part), getattr(value, part)
            if value.bounds is not None:
                yield ("codes", code, number, "bounds"), value.bounds.at


def _told(template: Template) -> Iterator[tuple[tuple[str | int, ...], str]]:
    for number, told in enumerate(template.telemetry):
        for name in ("items", "when", "device", "gateway", "at"):
            yield ("telemetry", number, name), getattr(told, name)
        for name, text in told.said.items():
            yield ("telemetry", number, "said", name), text


_PLACES = (
    *("items", "each", "code", "recognised_by", "account", "device", "model", "record", "gateway"),
    *("slot", "site", "position", "demo", "deleted", "unsure", "index", "sequence", "withdrawn"),
)


class Compiled:
    """A template and its expressions, ready to read payloads."""

    __slots__ = ("_compiled", "changes", "names", "template", "times")

    def __init__(self, template: Template) -> None:
        self.template = template
        texts = {text for _, text in expressions(template) if text}
        self._compiled: Mapping[str, Expression] = {text: expression(text) for text in texts}
        self.times = tuple(template.time.places())
        self.changes = tuple(template.modified.places()) if template.modified else ()
        self.names = frozenset(name for one in self._compiled.values() for name in one.names())

    def get(self, text: str, item: Any, payload: Any) -> Any:
        """What one of the template's expressions selects; None when there is no expression."""
        return self._compiled[text](item, payload) if text else None
