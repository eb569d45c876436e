"""Samples of an electrocardiogram become the texts that FHIR keeps them as, every digit kept."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from decimal import Context, Decimal
from hashlib import sha256
from typing import Any

from wherry_devices.mapping import numbers
from wherry_devices.mapping.names import name_of, safe

_MOST_LEADS = 15
_MOST_CHARS = 1_048_576  # FHIR R4 string
_MOST = Decimal(1_000_000)
_MISSING = "E"
_DIGITS = Context(prec=17)
_S, _MS = Decimal(1_000_000), Decimal(1000)
_LONGEST = timedelta(days=2)


@dataclass(frozen=True, slots=True)
class Wave:
    """Leads of one recording: `data` are counts, `factor` microvolts for each count.

    `period_ms` is 1000 / frequency: exact where decimals can say it, else to 17 digits.
    `determination` are the words of the recorder's own algorithm; with `absent`, a code of
    data-absent-reason, it could not tell.
    """

    frequency: Decimal
    period_ms: Decimal
    factor: Decimal
    leads: tuple[tuple[str, str], ...] = field(repr=False)
    lasts: timedelta
    determination: str = ""
    absent: str = ""

    @property
    def digest(self) -> str:
        """A SHA-256 of all that it says."""
        said = (str(self.frequency), str(self.factor), self.determination, self.absent)
        text = "\x1f".join((*said, *(f"{name}={data}" for name, data in self.leads)))
        return sha256(text.encode()).hexdigest()


def wave(
    samples: Any,
    *,
    frequency: Any,
    nanovolts: Any,
    lasts_ms: Any = None,
    determination: str = "",
    absent: str = "",
) -> Wave | str:
    """The wave of one recording, or the reason why it is none; `samples` are lists by lead.

    Without `lasts_ms` it lasts as long as its samples. What is null was not measured.
    """
    hertz, step = (_positive(one) for one in (frequency, nanovolts))
    leads = _leads(samples)
    if isinstance(leads, str):
        return leads
    if hertz is None:
        return "no-frequency"
    if step is None:
        return "no-resolution"
    longest = max(len(counts) for counts in samples.values())
    lasts = _lasts(lasts_ms, longest / hertz)
    if lasts is None:
        return "no-duration"
    period = numbers.plain(_DIGITS.divide(_MS, hertz).normalize())
    factor = numbers.plain(step.scaleb(-3).normalize())
    return Wave(hertz, period, factor, leads, lasts, determination, absent)


def _positive(value: Any) -> Decimal | None:
    number = numbers.decimal(value)
    return number if number is not None and 0 < number <= _MOST else None


def _leads(samples: Any) -> tuple[tuple[str, str], ...] | str:
    """Each lead with its counts; or the reason why there are none."""
    if not isinstance(samples, Mapping) or not samples:
        return "no-samples"
    if len(samples) > _MOST_LEADS:
        return "too-many-leads"
    leads = tuple((safe(name_of(name)), _data(counts)) for name, counts in samples.items())
    if not all(data for _, data in leads):
        return "not-a-number"
    return "too-long" if any(len(data) > _MOST_CHARS for _, data in leads) else leads


def _data(counts: Any) -> str:
    """Counts as FHIR's SampledData writes them; empty when there are none or one is no number."""
    if not isinstance(counts, Sequence) or isinstance(counts, str):
        return ""
    found = [_MISSING if one is None else _count(one) for one in counts]
    return " ".join(found) if all(found) else ""


def _count(value: Any) -> str:
    number = numbers.decimal(value)
    return "" if number is None else f"{numbers.plain(number):f}"


def _lasts(said_ms: Any, samples_s: Decimal) -> timedelta | None:
    said = None if said_ms is None else numbers.decimal(said_ms)
    if said_ms is not None and said is None:
        return None
    seconds = samples_s if said is None else said / _MS
    if not 0 < seconds <= Decimal(int(_LONGEST.total_seconds())):
        return None
    return timedelta(microseconds=int(seconds * _S))
