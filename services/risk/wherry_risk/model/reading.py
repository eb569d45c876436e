"""One Observation, or one of its components, becomes a reading of an input or a reason."""

from collections.abc import Callable, Mapping
from datetime import datetime
from decimal import Decimal
from enum import StrEnum
from typing import NamedTuple

from wherry.units import Conversion, conversion, unit_of
from wherry_risk.model import consciousness, oxygen, ventilation
from wherry_risk.model.answers import Answers
from wherry_risk.model.observation import Valued, number
from wherry_risk.model.spec import NO_CONVERSIONS, Code, InputSpec, Range, Reads


class Reason(StrEnum):
    """Why an input has no usable value."""

    NOT_FOUND = "not_found"
    STALE = "stale"
    UNIT = "unit"
    IMPLAUSIBLE = "implausible"
    NOT_A_NUMBER = "not_a_number"
    COMPARATOR = "comparator"
    UNKNOWN_ANSWER = "unknown_answer"
    NO_VALUE = "no_value"
    NO_TIME = "no_time"
    FUTURE = "future"
    NOT_FINAL = "not_final"
    SUSPECT = "suspect"
    SELF_ENTERED = "self_entered"


class Value(NamedTuple):
    """A value in the model's unit, and beside it what the source sent."""

    value: Decimal | str
    unit: str
    sent_value: str
    sent_unit: str


class Reading(NamedTuple):
    """A usable value of one input, when it was measured, and the Observation that holds it.

    `quality` are the tags under which its source gave it, such as "manual".
    """

    input: str
    value: Decimal | str
    unit: str
    sent_value: str
    sent_unit: str
    observed_at: datetime
    reference: str
    code: Code
    quality: tuple[str, ...] = ()

    def age_s(self, at: datetime) -> int:
        """Whole seconds between the measurement and `at`; 0 within the allowed clock skew."""
        return max(0, int((at - self.observed_at).total_seconds()))


def value_of(valued: Valued, code: Code, spec: InputSpec) -> Value | Reason:
    """The value under `code` in the unit of `spec`, or the reason why it cannot be used."""
    if valued.data_absent_reason is not None:
        return Reason.NO_VALUE
    return _READERS[spec.reads](valued, code, spec)


def _quantity(valued: Valued, code: Code, spec: InputSpec) -> Value | Reason:
    return _measured(valued, spec.unit, spec.plausible, spec.conversions)


def _measured(
    valued: Valued,
    unit: str,
    plausible: Range | None,
    own: Mapping[str, Conversion] = NO_CONVERSIONS,
) -> Value | Reason:
    if valued.value_quantity is None:
        return _bare(valued, unit, plausible)
    sent = valued.value_quantity
    if sent.value is None:
        return Reason.NO_VALUE
    if (exact := number(sent.value)) is None:
        return Reason.NOT_A_NUMBER
    if sent.comparator:
        return Reason.COMPARATOR
    source = unit_of(system=sent.system, code=sent.code, printed=sent.unit)
    convert = conversion(source, unit) or own.get(source)
    if convert is None:
        return Reason.UNIT
    return _plausible(convert(exact), unit, plausible, f"{exact:f}", sent.code or sent.unit)


def _bare(valued: Valued, unit: str, plausible: Range | None) -> Value | Reason:
    """A value without a unit: only a score, whose unit is 1, may come as a plain integer."""
    if valued.value_integer is None:
        text = valued.value_string is not None or valued.value_codeable_concept is not None
        return Reason.NOT_A_NUMBER if text or valued.value_boolean is not None else Reason.NO_VALUE
    if (exact := number(valued.value_integer)) is None:
        return Reason.NOT_A_NUMBER
    if unit != "{score}":
        return Reason.UNIT
    return _plausible(exact, unit, plausible, f"{exact:f}", "")


def _plausible(
    value: Decimal, unit: str, plausible: Range | None, sent_value: str, sent_unit: str
) -> Value | Reason:
    if plausible is not None and not plausible.low <= value <= plausible.high:
        return Reason.IMPLAUSIBLE
    return Value(value, unit, sent_value, sent_unit)


def _consciousness(valued: Valued, code: Code, spec: InputSpec) -> Value | Reason:
    if code == consciousness.GCS_TOTAL:
        total = _measured(valued, "{score}", consciousness.GCS_RANGE)
        if isinstance(total, Reason) or isinstance(total.value, str):
            return total
        level = consciousness.from_gcs(total.value)
        return Value(level, "", total.sent_value, total.sent_unit)
    return _answered(valued, consciousness.ANSWERS)


def _oxygen(valued: Valued, code: Code, spec: InputSpec) -> Value | Reason:
    if code in oxygen.MEASURED and valued.value_quantity is not None:
        unit, plausible, _ = oxygen.MEASURED[code]
        amount = _measured(valued, unit, plausible)
        if isinstance(amount, Reason) or isinstance(amount.value, str):
            return amount
        state = oxygen.from_measured(code, amount.value)
        return Value(state, "", amount.sent_value, amount.sent_unit)
    if code == oxygen.ON_OXYGEN and valued.value_boolean is not None:
        return _yes_no(valued, oxygen.OXYGEN, oxygen.AIR)
    return _answered(valued, oxygen.ANSWERS)


def _ventilation(valued: Valued, code: Code, spec: InputSpec) -> Value | Reason:
    unit, plausible = ventilation.MEASURED[code]
    charted = _measured(valued, unit, plausible)
    if isinstance(charted, Reason):
        return charted
    return Value(ventilation.VENTILATED, spec.unit, charted.sent_value, charted.sent_unit)


def _flag(valued: Valued, code: Code, spec: InputSpec) -> Value | Reason:
    return _yes_no(valued, *spec.worst_first[:2])


def _yes_no(valued: Valued, yes: str, no: str) -> Value | Reason:
    if not isinstance(valued.value_boolean, bool):
        return Reason.UNKNOWN_ANSWER
    return Value(yes if valued.value_boolean else no, "", str(valued.value_boolean).lower(), "")


def _answered(valued: Valued, answers: Answers) -> Value | Reason:
    if valued.value_codeable_concept is not None:
        concept = valued.value_codeable_concept
        sent = concept.text or next((c.display or c.code for c in concept.coding), "")
        found = answers.of_concept(concept)
    elif valued.value_string is not None:
        sent = valued.value_string
        found = answers.of_text(sent)
    else:
        known = (valued.value_quantity, valued.value_integer, valued.value_boolean)
        return Reason.NO_VALUE if known == (None, None, None) else Reason.UNKNOWN_ANSWER
    return Value(found, "", sent, "") if found else Reason.UNKNOWN_ANSWER


_READERS: dict[Reads, Callable[[Valued, Code, InputSpec], Value | Reason]] = {
    Reads.QUANTITY: _quantity,
    Reads.CONSCIOUSNESS: _consciousness,
    Reads.OXYGEN: _oxygen,
    Reads.FLAG: _flag,
    Reads.VENTILATION: _ventilation,
}
