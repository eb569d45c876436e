"""A consent is asked for and the patient comes back."""

from typing import Any
from urllib.parse import parse_qs, urlsplit

from flask.testing import FlaskClient

from wherry_devices.mapping.reading import DeviceKey

ASKED = {"source": "withings", "patient": "p1", "verified_by": "nurse 7"}
ID = "00000000-0000-0000-0000-000000000001"
KEY = DeviceKey("withings", "account", "acc-4711").opaque


def asked(web: FlaskClient, **more: Any) -> str:
    """The state of a consent that was just asked for."""
    answer = web.post("/v1/connections", json={**ASKED, **more})
    assert answer.status_code == 201, answer.json
    assert answer.json is not None
    [state] = parse_qs(urlsplit(str(answer.json["authorize_url"])).query)["state"]
    return state


def back(web: FlaskClient, state: str, **query: str) -> Any:
    return web.get("/v1/connections/callback", query_string={"state": state, **query})
