"""A payload becomes readings by its source's template; what becomes none is named with a reason."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

from wherry.errors import Failure, Kind
from wherry_devices.mapping import numbers, times
from wherry_devices.mapping.coverage import unmapped
from wherry_devices.mapping.reading import (
    ACCOUNT,
    DEVICE,
    Batch,
    DeviceKey,
    Origin,
    Reading,
    Withheld,
)
from wherry_devices.mapping.template import Compiled, Time, Value
from wherry_devices.mapping.vitals import PANELS, VITALS, judged

_AHEAD = timedelta(minutes=5)
"""A device's clock may be this much fast; further on, its time says nothing."""
_SAFE = re.compile(r"[A-Za-z0-9%/°.\[\]{}_-]{1,24}")
_NAME_CHARS = 256
_ABSENT = "absent"


def read(payload: Any, compiled: Compiled, *, received_at: datetime | None) -> Batch:
    """Every reading of a payload, in its order. Pure: the same payload gives the same batch.

    Times after `received_at` are not believed; None lets all pass.
    Raises: Failure(UNPROCESSABLE) when the payload is not one of this source.
    """
    items = compiled.get(compiled.template.items, payload, payload)
    if not isinstance(items, list):
        raise Failure(Kind.UNPROCESSABLE, "not a payload of this source", at=_items(compiled))
    found: list[Reading | Withheld] = []
    for number, item in enumerate(items):
        at = f"{_items(compiled)}[{number}]"
        if isinstance(item, dict):
            found += _Item(compiled, item, payload, at).read(received_at)
        else:
            found.append(Withheld("not-an-object", at))
    readings = [one for one in found if isinstance(one, Reading)]
    withheld = [one for one in found if isinstance(one, Withheld)]
    return Batch(tuple(readings), tuple(withheld), unmapped(payload, compiled.names))


def keys(payload: Any, compiled: Compiled) -> tuple[str, ...]:
    """The opaque keys of all devices and accounts that a payload names, in order, once each."""
    items = compiled.get(compiled.template.items, payload, payload)
    found: dict[str, None] = {}
    for item in items if isinstance(items, list) else ():
        for key in _Item(compiled, item, payload, "").owners():
            if key is not None:
                found[key.opaque] = None
    return tuple(found)


@dataclass(frozen=True, slots=True)
class _Shared:
    """What all readings of one item have in common."""

    moment: times.Moment
    version: datetime | None
    origin: Origin
    device: DeviceKey | None
    account: DeviceKey | None
    record: str
    model: str


@dataclass(frozen=True, slots=True)
class _Item:
    """One item of a payload, and the way back to the whole."""

    compiled: Compiled
    item: Any
    payload: Any
    at: str

    def read(self, received_at: datetime | None) -> list[Reading | Withheld]:
        """The readings of this item, or why there are none."""
        template = self.compiled.template
        for rules, aside in ((template.drop, False), (template.quarantine, True)):
            for rule in rules:
                if self._get(rule.when):
                    return [Withheld(rule.reason, self.at, aside=aside)]
        wanted = list(self._wanted())
        if not any(isinstance(one, tuple) for one in wanted):
            return [one for one in wanted if isinstance(one, Withheld)]
        shared = self._shared(received_at)
        if isinstance(shared, Withheld):
            return [shared]
        made = [one if isinstance(one, Withheld) else self._one(*one, shared) for one in wanted]
        return _whole_panels(made, self.at)

    def owners(self) -> tuple[DeviceKey | None, DeviceKey | None]:
        """The device and the account that this item names."""
        return self._key(DEVICE), self._key(ACCOUNT)

    def _wanted(self) -> Iterator[tuple[Any, Value, str] | Withheld]:
        """The measures to read, each with its rule; codes without a rule as withheld."""
        template = self.compiled.template
        measures = self.compiled.get(template.each, self.item, self.payload)
        if not isinstance(measures, list) or not measures:
            yield Withheld("no-measures", self.at, aside=measures != [])
            return
        for number, measure in enumerate(measures):
            at = (
                self.at if template.each == "[@]" else f"{self.at}.{_each(template.each)}[{number}]"
            )
            code = _name(self.compiled.get(template.code, measure, self.payload))
            if code in template.ignored:
                yield Withheld("not-mapped", at, template.ignored[code], aside=False)
            elif code not in template.codes:
                yield Withheld("unknown-code", at, _safe(code))
            else:
                yield from ((measure, value, at) for value in template.codes[code])

    def _shared(self, received_at: datetime | None) -> _Shared | Withheld:
        template = self.compiled.template
        device, account = self.owners()
        if device is None and account is None:
            return Withheld("no-owner", self.at, "neither a device nor an account")
        moment = self._moment(template.time)
        if moment is None:
            return Withheld("no-time", self.at, "no time with an offset")
        if received_at is not None and (moment.end or moment.at) > received_at + _AHEAD:
            return Withheld("future-time", self.at)
        changed = self._moment(template.modified) if template.modified else None
        return _Shared(
            moment,
            changed.at if changed else None,
            self._origin(),
            device,
            account,
            _name(self._get(template.record)),
            _name(self._get(template.model)),
        )

    def _one(self, measure: Any, rule: Value, at: str, shared: _Shared) -> Reading | Withheld:
        """One number in its unit."""
        raw = self.compiled.get(rule.number, measure, self.payload)
        if raw is None:
            return Withheld(_ABSENT, at, rule.kind)
        if rule.exponent:
            exponent = self.compiled.get(rule.exponent, measure, self.payload)
            number = numbers.scaled(raw, exponent)
        else:
            number = numbers.decimal(raw)
        if number is None:
            return Withheld("not-a-number", at, rule.kind)
        if rule.quantum:
            number = numbers.quantised(number, Decimal(rule.quantum))
        unit_raw = rule.unit or _name(self.compiled.get(rule.unit_from, measure, self.payload))
        ucum = rule.unit or self.compiled.template.units.get(unit_raw, "")
        if ucum not in VITALS[rule.kind].units:
            return Withheld("unknown-unit", at, f"{_safe(unit_raw)} of {rule.kind}")
        quality = judged(rule.kind, number, ucum)
        if quality is None:
            return Withheld("implausible", at, rule.kind)
        return Reading(
            source=self.compiled.template.id,
            kind=rule.kind,
            value=numbers.plain(number),
            ucum=ucum,
            unit_raw=unit_raw,
            instant=shared.moment.at,
            offset_origin=shared.moment.offset_origin,
            origin=shared.origin,
            device=shared.device,
            account=shared.account,
            record=shared.record,
            version=shared.version,
            end=shared.moment.end,
            model=shared.model,
            quality=(quality,) if quality else (),
            at=at,
        )

    def _get(self, text: str) -> Any:
        return self.compiled.get(text, self.item, self.payload)

    def _key(self, kind: str) -> DeviceKey | None:
        template = self.compiled.template
        name = _name(self._get(template.device if kind == DEVICE else template.account))
        return DeviceKey(template.id, kind, name) if name else None

    def _moment(self, time: Time) -> times.Moment | None:
        if time.epoch_s:
            return times.epoch(self._get(time.epoch_s), self._get(time.zone))
        if (said := self._get(time.iso)) is not None:
            return times.iso(said)
        return times.interval(self._get(time.start_iso), self._get(time.end_iso))

    def _origin(self) -> Origin:
        rule = self.compiled.template.origin
        if rule is None:
            return Origin.UNKNOWN
        return Origin(rule.names.get(_name(self._get(rule.at)), rule.otherwise))


def _whole_panels(made: list[Reading | Withheld], at: str) -> list[Reading | Withheld]:
    """What was made, without a panel of which a part is wrong or the parts contradict each other.

    A part that is not in the payload at all is no mistake as long as another one is.
    """
    out = made
    for panel in PANELS.values():
        parts = [one for one in made if isinstance(one, Reading) and one.kind in panel.kinds]
        if not parts:
            continue
        failed = [
            one for one in made if isinstance(one, Withheld) and one.detail.endswith(panel.kinds)
        ]
        out = [one for one in out if one not in failed or one.reason != _ABSENT]
        values = {one.kind: one.value for one in parts}
        lowest = values.get("bp_diastolic", Decimal("-Infinity"))
        upside_down = values.get("bp_systolic", Decimal("Infinity")) <= lowest
        if upside_down or any(one.reason != _ABSENT for one in failed):
            out = [one for one in out if one not in parts]
            reason = "implausible" if upside_down else "incomplete"
            out.append(Withheld(reason, at, panel.display))
    return out


def _name(value: Any) -> str:
    """An identifier, code or unit as text: JSON texts and whole numbers; else empty."""
    if isinstance(value, str):
        return value.strip() if len(value) <= _NAME_CHARS else ""
    number = numbers.whole(value)
    return "" if number is None else str(number)


def _safe(text: str) -> str:
    """A code or unit that may stand in a reason: short, and of the letters that such have."""
    return text if _SAFE.fullmatch(text) else "(not shown)"


def _items(compiled: Compiled) -> str:
    text = compiled.template.items.removesuffix("[]")
    return "" if text == "[@]" else text


def _each(text: str) -> str:
    return text.removesuffix("[]")
