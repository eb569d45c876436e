"""Addresses, data directory and environment become the doors of a running suite."""

from contextlib import ExitStack, closing
from dataclasses import dataclass, field

from wherry.adapters.clock import SystemClock
from wherry.adapters.fhir_http import HttpFhir
from wherry.adapters.http import session
from wherry.errors import Failure, Kind
from wherry.ports import Fhir
from wherry.suite.addresses import Addresses
from wherry.suite.cds_clients import DEMO_ISSUER, demo_key, signer
from wherry.suite.demo.web import Service
from wherry.suite.place import Place
from wherry.suite.settings import UpSettings


@dataclass(frozen=True, slots=True)
class Running:
    """What the demo talks to."""

    at: Addresses
    fhir: Fhir
    fhir_web: Service
    hl7: Service
    devices: Service
    cds: Service
    vendors: Service | None  # the sandbox of clouds, when the suite runs one
    fhir_token: str = field(repr=False)


def connect(at: Addresses, place: Place, settings: UpSettings, stack: ExitStack) -> Running:
    """The doors, closed again with `stack`.

    Raises: Failure(UNAUTHENTICATED) when there is no FHIR token, as after a wrong `--data`.
    """
    given = settings.fhir_token
    token = given.get_secret_value() if given else place.known_token()
    if not token:
        raise Failure(
            Kind.UNAUTHENTICATED,
            "no FHIR token there: give the --data of `wherry up`, or set WHERRY_FHIR_TOKEN",
            at=str(place.root),
        )
    secret = settings.service_token.get_secret_value() if settings.service_token else ""
    vendors = None
    if not settings.devices_vendors:
        vendors = stack.enter_context(closing(Service("vendors", at.url("vendors"))))
    sign = signer(demo_key(place), DEMO_ISSUER, SystemClock())
    web = stack.enter_context(closing(session(token=token)))
    return Running(
        at=at,
        fhir=HttpFhir(at.fhir, web),
        fhir_web=stack.enter_context(closing(Service("ehr", at.fhir, token=token))),
        hl7=stack.enter_context(closing(Service("hl7", at.url("hl7"), token=secret))),
        devices=stack.enter_context(closing(Service("devices", at.url("devices"), token=secret))),
        vendors=vendors,
        cds=stack.enter_context(closing(Service("cds", at.url("cds"), sign=sign))),
        fhir_token=token,
    )
