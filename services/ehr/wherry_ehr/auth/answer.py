"""What a token response says beside the token: scope, lifetime, context, as the client knows it."""

from datetime import timedelta
from typing import Any

from wherry_ehr.auth.clients import Client
from wherry_ehr.auth.quirks import as_told
from wherry_ehr.auth.records import Grant, Launch
from wherry_ehr.auth.scopes import OFFLINE, ONLINE
from wherry_ehr.auth.tokens import Issued, Terms
from wherry_ehr.auth.vault import SESSION_LIFE
from wherry_ehr.here import Addresses

OFFLINE_LIFE = timedelta(days=90)
# Source: SMART 2.2, R257, R262
BACKEND_LIFE_S = 300

TENANT = "wherry-sandbox"


def terms_for(client: Client, scope: str) -> Terms:
    """How long tokens with this scope last. Source: SMART 2.2, R88 to R91, R100, R101."""
    words = scope.split()
    offline = OFFLINE in words
    refresh = OFFLINE_LIFE if offline else SESSION_LIFE if ONLINE in words else None
    return Terms(
        life=timedelta(seconds=min(client.token_life_s, client.profile.token_life_s)),
        refresh=refresh,
        offline=offline,
        counts=not client.expired_tokens,
    )


def backend_terms(client: Client) -> Terms:
    """Five minutes at most, and nothing to renew. Source: SMART 2.2, R248, R261, R262."""
    life = timedelta(seconds=min(client.token_life_s, BACKEND_LIFE_S))
    return Terms(life=life, counts=not client.expired_tokens)


def token_body(issued: Issued, terms: Terms, scope: str, client: Client) -> dict[str, Any]:
    """Source: SMART 2.2, R74 to R81, R110 to R116, R254 to R258."""
    refresh = {"refresh_token": issued.refresh} if issued.refresh else {}
    return {
        "access_token": issued.access,
        "token_type": "Bearer",
        "expires_in": int(terms.life.total_seconds()),
        "scope": as_told(scope, client.profile),
        **refresh,
    }


def context(launch: Launch, client: Client, at: Addresses) -> dict[str, Any]:
    """What the app was opened about, as members of the token response.

    Source: SMART 2.2, R83, R149, R168 to R178; CDS Hooks 2.0, Link (appContext).
    """
    banner: Any = launch.banner
    if client.profile.text_booleans:
        banner = str(banner).lower()
    said = {
        "patient": launch.patient,
        "encounter": launch.encounter,
        "fhirContext": list(launch.fhir_context) or "",
        "need_patient_banner": banner if launch.patient else "",
        "intent": launch.intent,
        "smart_style_url": at.style,
        "tenant": TENANT,
        "appContext": launch.app_context,
    }
    return {name: value for name, value in said.items() if value != ""}


def issuer_for(client: Client, at: Addresses) -> str:
    """The issuer of this client's id_tokens."""
    path = client.profile.issuer_path
    return f"{at.origin}{path}" if path else at.issuer


def grant_of(client: Client, launch: Launch, practitioner: str, scope: str, at: Addresses) -> Grant:
    """What the holder of the token may do."""
    return Grant(
        client_id=client.client_id,
        practitioner=practitioner,
        patient=launch.patient,
        scope=scope,
        aud=at.fhir,
        launch=launch,
        issuer=issuer_for(client, at) if "openid" in scope.split() else "",
    )
