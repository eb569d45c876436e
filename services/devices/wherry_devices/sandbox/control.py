"""POST /sandbox/...: make a person up, measure, edit, delete, tell, and let things go wrong."""

from collections.abc import Callable
from datetime import datetime
from decimal import Decimal
from typing import Any

from flask import Blueprint, Response, request
from pydantic import AwareDatetime, BaseModel, ConfigDict, Field, ValidationError

from wherry.codec import decode
from wherry.errors import Failure, Kind
from wherry_devices.sandbox import dexcom, google, ihealth, omron, withings
from wherry_devices.sandbox.deps import deps
from wherry_devices.sandbox.faults import DATA, Fault
from wherry_devices.sandbox.gate import said
from wherry_devices.sandbox.state import Person, Reading

bp = Blueprint("sandbox", __name__, url_prefix="/sandbox")

KINDS: dict[str, frozenset[str]] = {
    withings.VENDOR: frozenset({"bp", "heart_rate", "weight", "spo2", "body_temp"}),
    dexcom.VENDOR: frozenset({"glucose"}),
    omron.VENDOR: frozenset({"bp"}),
    google.VENDOR: frozenset({"heart_rate", "weight", "spo2", "glucose"}),
    ihealth.VENDOR: frozenset({"bp", "weight", "spo2", "glucose"}),
}
_TELL: dict[str, Callable[..., list[int]]] = {
    withings.VENDOR: withings.tell,
    omron.VENDOR: lambda needs, person, one, **_: omron.tell(needs, person, one),
    google.VENDOR: google.tell,
}
"""Vendors that say when there is something new."""
_NEEDED = {"bp": frozenset({"systolic", "diastolic"})}


class _Asked(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class _Person(_Asked):
    vendor: str
    account: str = Field(pattern=r"^[A-Za-z0-9-]{1,64}$")
    zone: str = "Europe/Berlin"
    callbacks: tuple[str, ...] = ()


class _Measured(_Asked):
    kind: str
    at: AwareDatetime
    values: dict[str, Decimal]
    device: str = "device-1"
    model: str = ""
    manual: bool = False
    extra: dict[str, Any] = Field(default_factory=dict)


class _Many(_Asked):
    readings: tuple[_Measured, ...] = Field(min_length=1, max_length=20_000)
    tell: bool = True


class _Edit(_Asked):
    values: dict[str, Decimal]
    tell: bool = True


class _Trouble(_Asked):
    vendor: str
    kind: str
    part: str = DATA
    value: float = 0.0
    times: int = 1
    skip: int = 0


def _body(type_: type[_Asked]) -> Any:
    try:
        return type_.model_validate(decode(request.get_data()))
    except ValidationError as error:
        at = ".".join(str(part) for part in error.errors()[0]["loc"])
        raise Failure(Kind.INVALID, "not what this asks for", at=at) from None


@bp.post("/people")
def create() -> Response:
    """Make a person up; `callbacks` are addresses of vendors that need no subscription."""
    asked = _body(_Person)
    if asked.vendor not in KINDS:
        raise Failure(Kind.INVALID, f"vendors are {', '.join(sorted(KINDS))}", at="vendor")
    made = Person(asked.vendor, asked.account, asked.zone, callbacks=list(asked.callbacks))
    deps().state.add(made)
    return said({"vendor": made.vendor, "account": made.account}, 201)


@bp.post("/people/<vendor>/<account>/readings")
def measure(vendor: str, account: str) -> Response:
    """Readings that arrive now; where `tell` is true the vendor says so."""
    person = deps().state.person(vendor, account)
    asked = _body(_Many)
    made = [_reading(vendor, one) for one in asked.readings]
    ids = deps().state.measured(person, made)
    told = _told(person, made[-1]) if asked.tell else []
    return said({"ids": ids, "told": told}, 201)


@bp.post("/people/<vendor>/<account>/readings/<int:id_>")
def edit(vendor: str, account: str, id_: int) -> Response:
    """Other numbers for a reading."""
    person = deps().state.person(vendor, account)
    asked = _body(_Edit)
    deps().state.edited(person, id_, asked.values)
    [one] = [one for one in person.readings if one.id == id_]
    return said({"told": _told(person, one) if asked.tell else []})


@bp.delete("/people/<vendor>/<account>/readings/<int:id_>")
def delete(vendor: str, account: str, id_: int) -> Response:
    """A reading that the person takes back."""
    person = deps().state.person(vendor, account)
    gone = deps().state.deleted(person, id_)
    return said({"told": _told(person, gone, deleted=True)})


@bp.post("/people/<vendor>/<account>/expire")
def expire(vendor: str, account: str) -> Response:
    """Access tokens of this person end early."""
    deps().state.person(vendor, account)
    deps().grants.expire((vendor, account))
    return said({})


@bp.post("/people/<vendor>/<account>/revoke")
def revoke(vendor: str, account: str) -> Response:
    """The person ends the consent at the vendor."""
    deps().state.person(vendor, account)
    deps().grants.revoke((vendor, account))
    return said({})


@bp.post("/faults")
def fault() -> Response:
    """Let something go wrong with one of the next requests."""
    asked = _body(_Trouble)
    deps().faults.plan(Fault(**asked.model_dump()))
    return said({}, 201)


@bp.get("/people")
def people() -> Response:
    """Who there is, how many readings they have and how often their tokens were renewed."""
    renewed = deps().grants.renewed
    return said(
        {
            "people": [
                {
                    "vendor": one.vendor,
                    "account": one.account,
                    "readings": len(one.readings),
                    "renewed": renewed.get(at, 0),
                }
                for at, one in sorted(deps().state.people.items())
            ]
        }
    )


def _reading(vendor: str, asked: _Measured) -> Reading:
    if asked.kind not in KINDS[vendor]:
        raise Failure(Kind.INVALID, "this vendor does not tell of that", at="kind")
    if not _NEEDED.get(asked.kind, frozenset({"value"})) <= asked.values.keys():
        raise Failure(Kind.INVALID, "a number is missing", at="values")
    at: datetime = asked.at
    return Reading(
        0,
        asked.kind,
        at,
        dict(asked.values),
        at,
        asked.device,
        asked.model,
        asked.manual,
        asked.extra,
    )


def _told(person: Person, one: Reading, *, deleted: bool = False) -> list[int]:
    tell = _TELL.get(person.vendor)
    return tell(deps(), person, one, deleted=deleted) if tell else []
