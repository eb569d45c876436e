"""A launch from the chart becomes the address that a browser is sent to."""

from urllib.parse import urlencode

import structlog

from wherry.errors import Failure, Kind
from wherry_ehr.auth.clients import Client
from wherry_ehr.auth.records import Launch, Session
from wherry_ehr.auth.vault import vault
from wherry_ehr.deps import deps
from wherry_ehr.here import here

log = structlog.get_logger()


def opened_at(client: Client, launch: Launch, who: Session) -> str:
    """The app's launch address with a handle that works once, in this clinician's session.

    Raises: Failure(INVALID) for an app without a launch address, and for an intent that was not
    agreed upon when the app was registered (SMART 2.2, R194).
    Source: SMART 2.2, App Launch: EHR launch, Request.
    """
    if not client.launch_url:
        raise Failure(Kind.INVALID, "this app is not opened from the chart", at="client_id")
    if launch.intent and launch.intent not in client.intents:
        raise Failure(Kind.INVALID, "this intent was not agreed upon with the app", at="intent")
    handle = vault().launch(launch, who, deps().clock.now())
    log.info("app_launched", client_id=client.client_id, patient_id=launch.patient)
    joint = "&" if "?" in client.launch_url else "?"
    return f"{client.launch_url}{joint}{urlencode({'iss': here().fhir, 'launch': handle})}"
