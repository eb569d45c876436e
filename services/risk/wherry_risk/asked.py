"""The body of POST /v1/score becomes what was asked, or a failure that names the element."""

from dataclasses import dataclass
from datetime import datetime
from typing import Annotated, Any, Literal

import msgspec

from wherry.errors import Failure, Kind
from wherry.resource import Resource
from wherry_risk.model.facts import Setting
from wherry_risk.model.moments import moment
from wherry_risk.model.news2_spec import SCALE

DEFAULT_MODEL = "news2"
MAX_RESOURCES = 5000

# Source: FHIR R4 datatypes, id.
_Id = Annotated[str, msgspec.Meta(pattern=r"^[A-Za-z0-9\-.]{1,64}$")]
_Name = Annotated[str, msgspec.Meta(min_length=1, max_length=64)]
_Resources = Annotated[list[dict[str, Any]], msgspec.Meta(max_length=MAX_RESOURCES)]


class _Body(msgspec.Struct, forbid_unknown_fields=True):
    """The request body of openapi/risk.yaml."""

    model: _Name = DEFAULT_MODEL
    patient: _Id | None = None
    resources: _Resources | None = None
    at: str | None = None
    spo2_scale: Literal[1, 2] | None = None
    setting: Setting = "inpatient"


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
    given = _checked(body)
    if given.patient is None and given.resources is None:
        raise Failure(Kind.INVALID, "name a patient, send resources, or both", at="patient")
    for n, resource in enumerate(given.resources or []):
        if not isinstance(resource.get("resourceType"), str):
            raise Failure(Kind.INVALID, "not a FHIR resource", at=f"resources[{n}].resourceType")
    return Asked(
        model=given.model,
        patient=given.patient or "",
        resources=given.resources,
        at=None if given.at is None else _moment(given.at),
        told={} if given.spo2_scale is None else {SCALE: str(given.spo2_scale)},
        setting=given.setting,
    )


def _checked(body: dict[str, Any]) -> _Body:
    if nulls := sorted(str(name) for name, value in body.items() if value is None):
        raise Failure(Kind.INVALID, "leave it out instead of sending null", at=nulls[0][:64])
    try:
        return msgspec.convert(body, _Body)
    except msgspec.ValidationError as error:
        # only the place is passed on: what msgspec says before it may repeat a value
        _, _, place = str(error).partition(" - at `$.")
        raise Failure(
            Kind.INVALID, "not what the contract asks for", at=place.rstrip("`")
        ) from None


def _moment(text: str) -> datetime:
    at = moment(text)
    if at is None:
        raise Failure(Kind.INVALID, "not a date and time with seconds and an offset", at="at")
    return at
