"""More apps for the authorization server's tests, and how they get their tokens."""

from typing import Any

from tests.ehr.auth.driver import BASE, VERIFIER, challenge, query

from wherry_ehr.auth.clients import Client
from wherry_ehr.auth.registry import Registered

BACK = "http://127.0.0.1:8305/back"
SCOPE = (
    "launch launch/patient launch/encounter openid fhirUser offline_access online_access "
    "patient/*.cruds user/*.cruds"
)


def public_app(smart: Any, client_id: str = "public", **changes: Any) -> Client:
    """A public app, registered while the sandbox runs."""
    client = Client(
        **{
            "client_id": client_id,
            "name": "A page",
            "launch_url": "http://127.0.0.1:8305/launch",
            "redirect_uris": (BACK,),
            "scope": SCOPE,
            "auth_method": "none",
            **changes,
        }
    )
    Registered(smart.deps.store.engine, smart.deps.clients).add(client)
    return client


def asked(client: Client, scope: str, **changes: Any) -> dict[str, str]:
    """A good request of a standalone app."""
    return {
        "response_type": "code",
        "client_id": client.client_id,
        "redirect_uri": BACK,
        "scope": scope,
        "state": "state-1",
        "aud": BASE,
        "code_challenge": challenge(VERIFIER),
        "code_challenge_method": "S256",
        **changes,
    }


def choosing(smart: Any, client: Client, scope: str, **changes: Any) -> str:
    """The address of the page on which somebody chooses."""
    answer = smart.client.get("/auth/authorize", query_string=asked(client, scope, **changes))
    assert answer.status_code == 303, answer.get_data(as_text=True)
    return str(answer.location).removeprefix("http://localhost")


def chosen(smart: Any, page: str, **form: str) -> Any:
    """What happens when this is sent from the page."""
    name = query(page)["asked"]
    return smart.client.post("/auth/choose", data={"asked": name, **form})


def launched(smart: Any, client: Client, scope: str) -> Any:
    """The token answer after a launch from the chart."""
    handle = smart.handle(client=client.client_id)
    request = asked(client, scope, launch=handle)
    return traded(smart, client, smart.client.get("/auth/authorize", query_string=request).location)


def traded(smart: Any, client: Client, location: str) -> Any:
    """The token answer for the code in this address."""
    return smart.client.post(
        "/auth/token",
        data={
            "grant_type": "authorization_code",
            "client_id": client.client_id,
            "code": query(location)["code"],
            "redirect_uri": BACK,
            "code_verifier": VERIFIER,
        },
    )


def refreshed(smart: Any, client: Client, token: str, **more: str) -> Any:
    """The answer to a refresh."""
    form = {"grant_type": "refresh_token", "client_id": client.client_id, "refresh_token": token}
    return smart.client.post("/auth/token", data={**form, **more})
