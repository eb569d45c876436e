"""The parts of FHIR R4 resources that scoring reads, checked for shape while they are decoded."""

from decimal import Decimal
from typing import TypeVar

import msgspec

from wherry.errors import Failure, Kind
from wherry.resource import Resource

Shape = TypeVar("Shape")

# Source: FHIR R4 observation-status. Scores take results that stand; of what was withdrawn it is as
# if it had never been measured.
FINAL = frozenset({"final", "amended", "corrected"})
NOT_MEASURED = frozenset({"entered-in-error", "cancelled"})


class Coding(msgspec.Struct, frozen=True):
    """FHIR R4 Coding."""

    system: str = ""
    code: str = ""
    display: str = ""


class Concept(msgspec.Struct, frozen=True):
    """FHIR R4 CodeableConcept."""

    coding: tuple[Coding, ...] = ()
    text: str = ""


class Quantity(msgspec.Struct, frozen=True):
    """FHIR R4 Quantity; `value` may be anything here, a text in it is a reason and no crash."""

    value: object = None
    comparator: str = ""
    unit: str = ""
    system: str = ""
    code: str = ""


class Reference(msgspec.Struct, frozen=True):
    """FHIR R4 Reference."""

    reference: str = ""


class Period(msgspec.Struct, frozen=True):
    """FHIR R4 Period."""

    start: str = ""
    end: str = ""


class Meta(msgspec.Struct, frozen=True):
    """FHIR R4 Meta."""

    last_updated: str = msgspec.field(name="lastUpdated", default="")
    tag: tuple[Coding, ...] = ()
    security: tuple[Coding, ...] = ()


class Valued(msgspec.Struct, frozen=True, rename="camel"):
    """What Observation and Observation.component have in common: a code and a value, or neither."""

    code: Concept = Concept()
    value_quantity: Quantity | None = None
    value_integer: object = None
    value_boolean: object = None
    value_string: str | None = None
    value_codeable_concept: Concept | None = None
    data_absent_reason: Concept | None = None


class Observation(Valued, frozen=True, rename="camel"):
    """FHIR R4 Observation as far as scoring reads it."""

    id: str = ""
    status: str = ""
    subject: Reference = Reference()
    effective_date_time: str = ""
    effective_instant: str = ""
    effective_period: Period = Period()
    issued: str = ""
    meta: Meta = Meta()
    component: tuple[Valued, ...] = ()

    def time(self) -> str:
        """When it was measured, as sent; of a period the end. Never `issued`: that is paperwork."""
        if self.effective_date_time:
            return self.effective_date_time
        period = self.effective_period
        return self.effective_instant or period.end or period.start


class Patient(msgspec.Struct, frozen=True, rename="camel"):
    """FHIR R4 Patient as far as scoring reads it."""

    id: str = ""
    birth_date: str = ""
    gender: str = ""
    deceased_boolean: bool = False
    deceased_date_time: str = ""


def observation(resource: Resource, *, at: str) -> Observation:
    """The Observation behind plain JSON. Raises: Failure(UNPROCESSABLE) when its shape is wrong."""
    return _shaped(resource, Observation, at=at)


def patient(resource: Resource, *, at: str) -> Patient:
    """The Patient behind plain JSON. Raises: Failure(UNPROCESSABLE) when its shape is wrong."""
    return _shaped(resource, Patient, at=at)


def number(value: object) -> Decimal | None:
    """The value as a finite number of ordinary size; None for texts, booleans and anything else."""
    if isinstance(value, bool) or not isinstance(value, int | Decimal):
        return None
    exact = Decimal(value)
    if not exact.is_finite() or not -12 <= exact.adjusted() <= 12:
        return None
    return exact if len(exact.as_tuple().digits) <= 24 else None


def _shaped(resource: Resource, shape: type[Shape], *, at: str) -> Shape:
    try:
        return msgspec.convert(resource, shape)
    except msgspec.ValidationError:
        name = shape.__name__
        raise Failure(Kind.UNPROCESSABLE, f"not readable as an R4 {name}", at=at) from None
