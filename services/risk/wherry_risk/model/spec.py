"""What a model says about itself: who it is, whom it is for, and which inputs it reads."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from decimal import Decimal
from enum import StrEnum
from types import MappingProxyType
from typing import Literal, NamedTuple

from wherry.fhir.systems import LOINC, SNOMED
from wherry.units import Conversion
from wherry_risk.model.aggregate import Window
from wherry_risk.model.writing import POINTS, WritePolicy


class Code(NamedTuple):
    """A code and the system that gives it its meaning."""

    system: str
    code: str


def loinc(*codes: str) -> tuple[Code, ...]:
    """LOINC codes in order of preference."""
    return tuple(Code(LOINC, code) for code in codes)


def snomed(*codes: str) -> tuple[Code, ...]:
    """SNOMED CT codes in order of preference."""
    return tuple(Code(SNOMED, code) for code in codes)


class Reads(StrEnum):
    """How a value is read out of an Observation."""

    QUANTITY = "quantity"
    CONSCIOUSNESS = "consciousness"
    OXYGEN = "oxygen"
    FLAG = "flag"
    AGE = "age"
    VENTILATION = "ventilation"
    SEX = "sex"
    STAY = "stay"


NOT_OBSERVED = frozenset({Reads.SEX, Reads.STAY})
"""Inputs that no Observation holds."""


NO_CONVERSIONS: Mapping[str, Conversion] = MappingProxyType({})


class Range(NamedTuple):
    """Both ends are still plausible; outside, a value is rejected and never clipped."""

    low: Decimal
    high: Decimal


@dataclass(frozen=True, slots=True)
class InputSpec:
    """One input: its codes in order of preference, its unit, and what makes a value unusable.

    `max_age` None means that the value holds until it is changed. `in_window` inputs must also lie
    within the model's common window. `step` is the displayed precision. `worst_first` orders coded
    values: of two at the same moment the worse one counts. `offered` False keeps a switch, such as
    a clinician's flag, out of the lists of used and missing inputs. With `over` the value that
    counts is looked for in a window of time instead of being the newest. `conversions` are true of
    this analyte only, such as from umol/L by its molar mass.
    """

    name: str
    label: str
    codes: tuple[Code, ...]
    unit: str
    max_age: timedelta | None
    required: bool
    reads: Reads = Reads.QUANTITY
    plausible: Range | None = None
    in_window: bool = True
    step: Decimal | None = None
    worst_first: tuple[str, ...] = ()
    offered: bool = True
    over: Window | None = None
    conversions: Mapping[str, Conversion] = field(default_factory=lambda: NO_CONVERSIONS)


@dataclass(frozen=True, slots=True)
class Tier:
    """One level of concern and what the model's source says to do about it."""

    name: str
    response: str


@dataclass(frozen=True, slots=True)
class ModelSpec:
    """A model's manifest. `kind` is "rule" for published scores and "ai" for trained models.

    `window`: all `in_window` inputs must have been measured within this time of the newest of them.
    `panels`: codes of Observations whose components carry inputs, so that a search finds them.
    `reach`: how many of the newest Observations a search must bring for the windows to be whole.
    `self_entered`: the model also takes values that somebody typed in instead of a device.
    `writing`: when the worker writes another RiskAssessment. `sha256` is that of the manifest; of a
    published score, that of this spec.
    """

    id: str
    version: str
    title: str
    kind: Literal["rule", "ai"]
    code: Code
    outcome: str
    horizon: timedelta
    intended_use: str
    out_of_scope: tuple[str, ...]
    citation: str
    min_age_years: int
    window: timedelta | None
    inputs: tuple[InputSpec, ...]
    tiers: tuple[Tier, ...]
    panels: tuple[Code, ...] = ()
    reach: int = 200
    self_entered: bool = False
    writing: WritePolicy = POINTS
    sha256: str = ""

    def codes(self) -> tuple[Code, ...]:
        """Every code under which an input may be found."""
        observed = (c for i in self.inputs if i.reads not in NOT_OBSERVED for c in i.codes)
        return tuple(dict.fromkeys([*observed, *self.panels]))

    def tier(self, name: str) -> Tier:
        """The tier of this name; a model names only tiers that it lists."""
        return next(tier for tier in self.tiers if tier.name == name)
