"""Which derived values a reading touches, and which rule makes each of them out of what."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, tzinfo
from functools import partial
from operator import attrgetter

from wherry.fhir.systems import DEVICE_BASELINE, LOINC
from wherry_devices.mapping import baseline, glucose
from wherry_devices.mapping.averages import MEAN_CODE, averages
from wherry_devices.mapping.days import Window, day_of
from wherry_devices.mapping.derived import Derivation
from wherry_devices.mapping.glucose import glucose_summary
from wherry_devices.mapping.identity import family_of
from wherry_devices.mapping.reading import Reading
from wherry_devices.mapping.stored import Fact, codes_of
from wherry_devices.mapping.usual import usual
from wherry_devices.mapping.vitals import VITALS

Make = Callable[[Sequence[Fact], str, Window], Derivation]
"""Facts of a patient become what there is to store about a window of days."""


@dataclass(frozen=True, slots=True)
class Rule:
    """What is made of readings of these kinds: `makes` are its codes as system|code.

    With `window` it is made of so many days, the last of which is the newest that is over and has
    a reading that `counts`: such a value changes once a day. Without one it is made of each day
    that changed, at once.
    """

    kinds: tuple[str, ...]
    makes: tuple[str, ...]
    make: Make
    window: int = 0
    counts: Callable[[Fact], bool] = attrgetter("averaged")

    @property
    def codes(self) -> tuple[str, ...]:
        """The LOINC codes of what it is made of."""
        return codes_of(self.kinds)


_PRESSURES = ("bp_systolic", "bp_diastolic")
# What is usual is said of what a person has one level of: glucose follows meals, steps follow days.
_USUAL: Mapping[str, tuple[str, ...]] = {
    "baseline-bp": _PRESSURES,
    **{
        f"baseline-{kind}": (kind,)
        for kind in (
            "heart_rate",
            "heart_rate_resting",
            "spo2",
            "body_temp",
            "resp_rate",
            "weight",
        )
    },
}

RULES: Mapping[str, Rule] = {
    "average-bp": Rule(_PRESSURES, (f"{LOINC}|{MEAN_CODE}",), averages),
    "cgm-summary": Rule(
        ("cgm_mass", "cgm_moles"),
        tuple(f"{LOINC}|{code}" for code in glucose.CODES),
        glucose_summary,
        glucose.DAYS,
    ),
    **{
        what: Rule(
            kinds,
            tuple(f"{DEVICE_BASELINE}|{VITALS[kind].code}" for kind in kinds),
            partial(usual, kinds=kinds),
            baseline.DAYS,
            attrgetter("usual"),
        )
        for what, kinds in _USUAL.items()
    },
}
"""By the name of what they make."""

_TOUCHED: Mapping[str, tuple[str, ...]] = {
    kind: tuple(what for what, rule in RULES.items() if kind in rule.kinds)
    for rule in RULES.values()
    for kind in rule.kinds
}


def touched(readings: Iterable[Reading | Fact], zone: tzinfo | None) -> set[tuple[str, date]]:
    """What these readings change, and the day of each, whatever the readings are worth."""
    return {(what, day_of(one, zone)) for one in readings for what in _TOUCHED.get(one.kind, ())}


def made_of(family: str) -> set[str]:
    """What is made of readings of a family."""
    kinds = (kind for kind in _TOUCHED if family_of(kind) == family)
    return {what for kind in kinds for what in _TOUCHED[kind]}
