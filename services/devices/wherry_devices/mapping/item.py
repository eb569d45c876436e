"""One item of a payload becomes its readings, or the reasons why there are none."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

from wherry_devices.mapping import quantity, times, waves
from wherry_devices.mapping.instants import Moment, Site
from wherry_devices.mapping.names import name_of, safe, said
from wherry_devices.mapping.numbers import decimal
from wherry_devices.mapping.panels import whole
from wherry_devices.mapping.reading import (
    ACCOUNT,
    DEVICE,
    Clock,
    DeviceKey,
    Origin,
    Reading,
    Withheld,
)
from wherry_devices.mapping.template import Compiled, Time, Value
from wherry_devices.mapping.vitals import ECG

EVERY = "*"
"""The code of values that are looked for in every item."""
AMBIGUOUS_OWNER, FUTURE_TIME = "ambiguous-owner", "future-time"

_AHEAD = timedelta(minutes=5)
"""A device's clock may be this much fast; further on, its time says nothing."""


@dataclass(frozen=True, slots=True)
class _Shared:
    """What all readings of one item have in common."""

    moment: Moment
    version: datetime | None
    origin: Origin
    device: DeviceKey | None
    account: DeviceKey | None
    gateway: DeviceKey | None
    record: str
    model: str
    slot: str
    site: str
    position: str
    quality: tuple[str, ...]
    context: tuple[tuple[str, str], ...]
    status: tuple[tuple[str, str], ...]
    sequence: str
    index: str
    amounts: tuple[tuple[str, Decimal, str], ...]
    demo: bool
    deleted: bool


@dataclass(frozen=True, slots=True)
class Item:
    """One item of a payload, and the way back to the whole."""

    compiled: Compiled
    item: Any
    payload: Any
    at: str

    def read(self, site: Site) -> list[Reading | Withheld]:
        """The readings of this item, or why there are none."""
        template = self.compiled.template
        for rules, aside in ((template.drop, False), (template.quarantine, True)):
            for rule in rules:
                if self._get(rule.when):
                    keys = self._told_keys() if rule.reason == AMBIGUOUS_OWNER else ()
                    return [Withheld(rule.reason, self.at, aside=aside, keys=keys)]
        wanted = list(self._wanted())
        if not any(isinstance(one, tuple) for one in wanted):
            return [one for one in wanted if isinstance(one, Withheld)]
        shared = self._shared(site)
        if isinstance(shared, Withheld):
            return [shared]
        made = [one if isinstance(one, Withheld) else self._one(*one, shared) for one in wanted]
        return whole(made, self.at)

    def owners(self) -> tuple[DeviceKey | None, DeviceKey | None]:
        """The device's user and the account that this item names."""
        device = self._key(DEVICE)
        return device.of(self._slot()) if device else None, self._key(ACCOUNT)

    def _wanted(self) -> Iterator[tuple[Any, Value, str] | Withheld]:
        """The measures to read, each with its rule; codes without a rule as withheld."""
        template = self.compiled.template
        gone = bool(self._get(template.deleted))
        measures = self.compiled.get(template.each, self.item, self.payload)
        if not isinstance(measures, list) or not measures:
            yield Withheld("no-measures", self.at, aside=measures != [])
            return
        for number, measure in enumerate(measures):
            at = (
                self.at if template.each == "[@]" else f"{self.at}.{_each(template.each)}[{number}]"
            )
            if not template.code:
                yield from self._present(measure, at)
                continue
            code = name_of(self.compiled.get(template.code, measure, self.payload))
            if code in template.left_out:
                yield Withheld("not-mapped", at, template.left_out[code], aside=False)
            elif code not in template.codes:
                yield Withheld("unknown-code", at, safe(code))
            else:
                for value in template.codes[code]:
                    if not value.optional or self._there(measure, value) or gone:
                        yield measure, value, at

    def _present(self, measure: Any, at: str) -> Iterator[tuple[Any, Value, str] | Withheld]:
        """All values that this measure has; an item without any tells of something else."""
        found = [
            value for value in self.compiled.template.codes[EVERY] if self._there(measure, value)
        ]
        if not found:
            yield Withheld("no-measures", at, aside=False)
        yield from ((measure, value, at) for value in found)

    def _there(self, measure: Any, value: Value) -> bool:
        """Whether the number is in the payload at all."""
        return self.compiled.get(value.number, measure, self.payload) is not None

    def _shared(self, site: Site) -> _Shared | Withheld:
        template = self.compiled.template
        device, account = self._key(DEVICE), self._key(ACCOUNT)
        if device is None and account is None and site.account:
            account = DeviceKey(template.id, ACCOUNT, site.account)
        if device is None and account is None:
            return Withheld("no-owner", self.at, "neither a device nor an account")
        moment = self._moment(self.compiled.times, template.time.offset_in, site)
        if moment is None:
            return Withheld("no-time", self.at, "no time with an offset")
        received_at = site.received_at
        if received_at is not None and (moment.end or moment.at) > received_at + _AHEAD:
            return Withheld(FUTURE_TIME, self.at, keys=self._told_keys())
        changed = self._moment(self.compiled.changes, _offset_in(template.modified), site)
        marks = (word for word, when in template.quality.items() if self._get(when))
        context = ((word, name_of(self._get(text))) for word, text in template.context.items())
        return _Shared(
            moment,
            changed.at if changed else None,
            self._origin(),
            device,
            account,
            self._key("gateway"),
            name_of(self._get(template.record)),
            name_of(self._get(template.model)),
            self._slot(),
            name_of(self._get(template.site)),
            name_of(self._get(template.position)),
            (*marks, *moment.marks),
            tuple((word, text) for word, text in context if text),
            self._status(),
            name_of(self._get(template.sequence)),
            self._index(),
            self._amounts(),
            bool(self._get(template.demo)),
            bool(self._get(template.deleted)),
        )

    def _one(self, measure: Any, rule: Value, at: str, shared: _Shared) -> Reading | Withheld:
        """One number in its unit."""
        if rule.supplement and not (shared.status or shared.context or shared.amounts):
            return Withheld("nothing-said", at, rule.kind)
        wave = self._wave(measure, rule) if rule.kind == ECG and not shared.deleted else None
        if isinstance(wave, str):
            return Withheld(wave, at, rule.kind)
        if shared.deleted or rule.supplement or wave:
            found: quantity.Outcome = quantity.taken_back(rule)
        else:
            found = quantity.of(measure, self.payload, rule, self.compiled)
        if isinstance(found, str):
            return Withheld(found, at, rule.kind)
        if isinstance(found, quantity.Unknown):
            return Withheld("unknown-unit", at, f"{safe(found.unit)} of {rule.kind}")
        clock = shared.moment.clock
        if clock is Clock.SYNCED and self._get(self.compiled.template.unsure):
            clock = Clock.ESTIMATED
        return Reading(
            source=self.compiled.template.id,
            kind=found.kind,
            value=found.value,
            ucum=found.ucum,
            unit_raw=found.unit_raw,
            instant=shared.moment.at,
            offset_origin=shared.moment.offset_origin,
            origin=shared.origin,
            device=shared.device,
            account=shared.account,
            record=shared.record,
            version=shared.version,
            end=shared.moment.at + wave.lasts if wave else shared.moment.end,
            model=shared.model,
            quality=(*found.marks, *shared.quality),
            at=at,
            comparator=found.comparator,
            absent=found.absent,
            said=found.said,
            clock=clock,
            civil=shared.moment.civil,
            gateway=shared.gateway,
            slot=shared.slot,
            mdc=rule.mdc,
            site=shared.site,
            position=shared.position,
            context=shared.context,
            demo=shared.demo,
            deleted=shared.deleted,
            status=shared.status,
            sequence=shared.sequence,
            index=shared.index,
            amounts=shared.amounts,
            supplement=rule.supplement,
            wave=wave,
        )

    def _get(self, text: str) -> Any:
        return self.compiled.get(text, self.item, self.payload)

    def _told_keys(self) -> tuple[str, ...]:
        """The device, whoever its user was, and the account."""
        keys = (self._key(DEVICE), self._key(ACCOUNT))
        return tuple(key.opaque for key in keys if key is not None)

    def _status(self) -> tuple[tuple[str, str], ...]:
        """What the device says of how it measured, Y or N; anything else says nothing."""
        template = self.compiled.template
        bits = ((word, said(self._get(bit.at)), bit.names) for word, bit in template.status.items())
        return tuple((word, names[text]) for word, text, names in bits if text in names)

    def _index(self) -> str:
        """The first of several measurements may as well have no number."""
        found = name_of(self._get(self.compiled.template.index))
        return "" if found == "0" else found

    def _amounts(self) -> tuple[tuple[str, Decimal, str], ...]:
        """Numbers of the context; one that is none is not said."""
        template = self.compiled.template
        found = (
            (word, decimal(self._get(one.at)), one.unit) for word, one in template.amounts.items()
        )
        return tuple((word, number, unit) for word, number, unit in found if number is not None)

    def _wave(self, measure: Any, rule: Value) -> waves.Wave | str:
        """The recording, or the reason why it is none."""
        said = self.compiled.template.waves
        if said is None:
            return "no-frequency"
        word = name_of(self._get(said.determination))
        return waves.wave(
            self.compiled.get(rule.number, measure, self.payload),
            frequency=self._get(said.frequency),
            nanovolts=self._get(said.nanovolts),
            lasts_ms=self._get(said.lasts_ms),
            determination=word,
            absent=said.absent.get(word, ""),
        )

    def _slot(self) -> str:
        return name_of(self._get(self.compiled.template.slot))

    def _key(self, kind: str) -> DeviceKey | None:
        template = self.compiled.template
        name = name_of(self._get(getattr(template, kind)))
        return DeviceKey(template.id, kind, name) if name else None

    def _moment(
        self, places: Sequence[tuple[str, str]], offset_in: str, site: Site
    ) -> Moment | None:
        said = {name: self._get(text) for name, text in places}
        return times.moment({**said, "offset_in": offset_in}, site) if said else None

    def _origin(self) -> Origin:
        rule = self.compiled.template.origin
        if rule is None:
            return Origin.UNKNOWN
        return Origin(rule.names.get(name_of(self._get(rule.at)), rule.otherwise))


def _each(text: str) -> str:
    return text.removesuffix("[]")


def _offset_in(time: Time | None) -> str:
    return time.offset_in if time else ""
