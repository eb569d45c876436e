"""The bodies of questions become what was asked, or a failure that names the element."""

from dataclasses import dataclass
from datetime import datetime
from typing import Annotated, Any, Literal, TypeVar

import msgspec

from wherry.errors import Failure, Kind
from wherry.resource import Resource
from wherry_risk.model.facts import Setting
from wherry_risk.model.moments import moment
from wherry_risk.model.news2_spec import SCALE

DEFAULT_MODEL = "news2"
MAX_RESOURCES = 5000
MOST_PATIENTS = 100
"""Of one batch."""

# Source: FHIR R4 datatypes, id.
Id = Annotated[str, msgspec.Meta(pattern=r"^[A-Za-z0-9\-.]{1,64}$")]
Name = Annotated[str, msgspec.Meta(min_length=1, max_length=64)]
_Resources = Annotated[list[dict[str, Any]], msgspec.Meta(max_length=MAX_RESOURCES)]
T = TypeVar("T")


class _How(msgspec.Struct, forbid_unknown_fields=True, kw_only=True):
    """What is asked about one patient or about all of a batch."""

    model: Name = DEFAULT_MODEL
    at: str | None = None
    spo2_scale: Literal[1, 2] | None = None
    setting: Setting = "inpatient"


class _Body(_How, forbid_unknown_fields=True, kw_only=True):
    """The request body of POST /v1/score in openapi/risk.yaml."""

    patient: Id | None = None
    resources: _Resources | None = None


class _Batch(_How, forbid_unknown_fields=True, kw_only=True):
    """The request body of POST /v1/scores/batch in openapi/risk.yaml."""

    patients: Annotated[list[dict[str, Any]], msgspec.Meta(min_length=1, max_length=MOST_PATIENTS)]


class _One(msgspec.Struct, forbid_unknown_fields=True, kw_only=True):
    """One patient of a batch."""

    patient: Id | None = None
    resources: _Resources | None = None


@dataclass(frozen=True, slots=True)
class Asked:
    """One request: `resources` None means that the record is to be read from the FHIR server."""

    model: str
    patient: str
    resources: list[Resource] | None
    at: datetime | None
    told: dict[str, str]
    setting: Setting = "inpatient"


def asked(body: dict[str, Any]) -> Asked:
    """What this body asks for. Raises: Failure(INVALID) when it breaks the contract."""
    given = checked(body, _Body)
    return _asked(given, given.patient, given.resources)


def asked_of_many(body: dict[str, Any]) -> tuple[str, list[Asked | Failure]]:
    """The model of a batch, and what is asked about each patient or what is wrong with that.

    Raises: Failure(INVALID) when the batch itself breaks the contract.
    """
    given = checked(body, _Batch)
    _at(given.at)
    return given.model, [_one(given, one) for one in given.patients]


def _one(batch: _Batch, body: dict[str, Any]) -> Asked | Failure:
    try:
        given = checked(body, _One)
        return _asked(batch, given.patient, given.resources)
    except Failure as failure:
        return failure


def _asked(how: _How, patient: str | None, resources: list[dict[str, Any]] | None) -> Asked:
    if patient is None and resources is None:
        raise Failure(Kind.INVALID, "name a patient, send resources, or both", at="patient")
    for n, resource in enumerate(resources or []):
        if not isinstance(resource.get("resourceType"), str):
            raise Failure(Kind.INVALID, "not a FHIR resource", at=f"resources[{n}].resourceType")
    return Asked(
        model=how.model,
        patient=patient or "",
        resources=resources,
        at=_at(how.at),
        told={} if how.spo2_scale is None else {SCALE: str(how.spo2_scale)},
        setting=how.setting,
    )


def checked(body: dict[str, Any], type_: type[T]) -> T:
    """The body as this type. Raises: Failure(INVALID) that names the element and no value."""
    if nulls := sorted(str(name) for name, value in body.items() if value is None):
        raise Failure(Kind.INVALID, "leave it out instead of sending null", at=nulls[0][:64])
    try:
        return msgspec.convert(body, type_)
    except msgspec.ValidationError as error:
        # only the place is passed on: what msgspec says before it may repeat a value
        _, _, place = str(error).partition(" - at `$.")
        raise Failure(
            Kind.INVALID, "not what the contract asks for", at=place.rstrip("`")
        ) from None


def moment_of(text: str, *, at: str) -> datetime:
    """The moment in this text. Raises: Failure(INVALID) at the element of this name."""
    found = moment(text)
    if found is None:
        raise Failure(Kind.INVALID, "not a date and time with seconds and an offset", at=at)
    return found


def _at(text: str | None) -> datetime | None:
    return None if text is None else moment_of(text, at="at")
