"""The readings of one patient become what they are compared by with those of other paths."""

import hmac
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import ROUND_HALF_EVEN, Decimal

from wherry.units import conversion
from wherry_devices.mapping.identity import family_of, identifier_of
from wherry_devices.mapping.paths import RANKS, Sighting
from wherry_devices.mapping.reading import Reading
from wherry_devices.mapping.template import Template
from wherry_devices.mapping.translate import Payload
from wherry_devices.mapping.vitals import PANELS, VITALS

_BETWEEN = "\x1f"
_MOLES = Decimal("18.0156")  # mg/dL of glucose in one mmol/L

# What other paths may tell of as well, and the step to which they agree on it: one writes whole
# pounds where another writes grams. Everything else is never a duplicate of anything.
_STEPS: Mapping[str, Decimal] = {
    "bp": Decimal(1),
    "heart_rate": Decimal(1),
    "spo2": Decimal(1),
    "resp_rate": Decimal(1),
    "body_temp": Decimal("0.1"),
    "skin_temp": Decimal("0.1"),
    "weight": Decimal("0.1"),
    "height": Decimal(1),
    "glucose": Decimal("0.1"),
    "hrv_sdnn": Decimal(1),
}
_MAKERS: Mapping[str, str] = {
    "withings": "withings",
    "health mate": "withings",
    "omron": "omron",
    "dexcom": "dexcom",
    "ihealth": "ihealth",
    "apple": "apple",
    "iphone": "apple",
    "fitbit": "google",
    "pixel": "google",
    "google": "google",
    "garmin": "garmin",
    "oura": "oura",
    "libre": "abbott",
    "abbott": "abbott",
    "polar": "polar",
    "whoop": "whoop",
    "samsung": "samsung",
    "galaxy": "samsung",
    "nonin": "nonin",
    "masimo": "masimo",
    "tenovi": "tenovi",
}
"""Who made a device, by a word in its name, the name of the app or of the aggregator's source."""


def sightings(
    readings: Sequence[Reading], patient: str, template: Template, payload: Payload, secret: bytes
) -> list[Sighting]:
    """One for each measurement, in its newest version. `secret` keys the hashes of numbers.

    What only says more about a measurement is none.
    """
    about = _About(patient, template, payload.received_at, secret)
    found: dict[str, dict[str, Reading]] = {}
    for one in (each for each in readings if not each.supplement):
        parts = found.setdefault(identifier_of(one).get("value", ""), {})
        if one.kind not in parts or about.said(one) > about.said(parts[one.kind]):
            parts[one.kind] = one
    return [about.sighting(name, parts) for name, parts in found.items()]


@dataclass(frozen=True, slots=True)
class _About:
    """What all readings of a payload about one patient have in common."""

    patient: str
    template: Template
    received_at: datetime
    secret: bytes

    def said(self, reading: Reading) -> int:
        return int((reading.version or self.received_at).timestamp())

    def sighting(self, name: str, parts: Mapping[str, Reading]) -> Sighting:
        first = next(iter(parts.values()))
        family = family_of(first.kind)
        return Sighting(
            name=(self.template.id, name),
            patient=self.patient,
            family=family,
            owner=first.owner,
            maker=_maker(first.model) or _maker(self.template.manufacturer),
            rank=RANKS[self.template.path],
            instant_s=first.instant.timestamp(),
            said_s=max(map(self.said, parts.values())),
            value_hash=self._hash(family, _number(family, parts)),
        )

    def _hash(self, family: str, number: str) -> str:
        if not number:
            return ""
        text = _BETWEEN.join((self.patient, family, number))
        return hmac.digest(self.secret, text.encode(), "sha256").hex()[:32]


def _number(family: str, parts: Mapping[str, Reading]) -> str:
    """The numbers of a measurement in one unit, as a text; empty when it has none to compare."""
    step = _STEPS.get(family)
    panel = PANELS.get(family)
    wanted = panel.kinds if panel else tuple(parts)
    if step is None or any(kind not in parts for kind in wanted):
        return ""
    texts = []
    for kind in wanted:
        one = parts[kind]
        amount = _amount(one)
        if amount is None or one.deleted or one.demo or one.civil:
            return ""
        rounded = (amount / step).quantize(Decimal(1), rounding=ROUND_HALF_EVEN)
        texts.append(f"{one.comparator}{rounded}")
    return "/".join(texts)


def _amount(one: Reading) -> Decimal | None:
    unit = VITALS[one.kind].units[0]
    convert = conversion(one.ucum, unit)
    if one.value is None or convert is None:
        return None
    return convert(one.value) / _MOLES if unit == "mg/dL" else convert(one.value)


def _maker(text: str) -> str:
    lower = text.lower()
    return next((maker for word, maker in _MAKERS.items() if word in lower), "")
