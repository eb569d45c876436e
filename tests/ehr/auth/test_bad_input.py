"""Whatever is sent to the authorization server is a 4xx, on both databases; nothing sends away."""

from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

ODD = ["\0", "a\0b", "\ud7ff", "ä" * 300, "'; --", "%00", "../../x", "x" * 5000, " ", "<b>"]
FORM = {"Content-Type": "application/x-www-form-urlencoded"}


@pytest.mark.parametrize("odd", ODD)
def test_an_odd_text_anywhere_is_refused_with_words(either: Any, odd: str) -> None:
    client = either.client
    page = {"data": {"asked": odd, "patient": odd, "encounter": odd, "decision": "allow"}}
    asked = {"client_id": odd, "redirect_uri": odd, "state": odd, "aud": odd, "launch": odd}
    bearer = {"Authorization": f"Bearer {odd.encode().hex()}"}
    answers = [
        client.get("/auth/authorize", query_string=asked),
        client.post("/auth/authorize", data=asked),
        client.get("/auth/choose", query_string={"asked": odd}),
        client.post("/auth/choose", **page),
        client.post("/auth/token", data={"grant_type": odd, "client_id": odd, "code": odd}),
        client.post("/auth/token", data={"grant_type": "refresh_token", "client_id": odd}),
        client.post("/auth/revoke", data={"token": odd, "client_id": odd}),
        client.post("/auth/introspect", data={"token": odd}, headers=bearer),
        client.post("/auth/token", data={"client_assertion": odd, "client_assertion_type": odd}),
    ]

    assert {one.status_code for one in answers} <= {400, 401}
    assert not [one for one in answers if "Location" in one.headers]


@pytest.mark.parametrize(
    "header", ["Basic", "Basic !", "Basic eDp5", "Bearer", "Digest x", "Basic " + "QQ==" * 3000]
)
def test_an_odd_authorization_is_refused(ehr: Any, header: str) -> None:
    for path in ("token", "revoke", "introspect"):
        form = {"grant_type": "authorization_code", "token": "x", "code": "x"}
        answer = ehr.client.post(f"/auth/{path}", data=form, headers={"Authorization": header})

        assert answer.status_code in {400, 401}
        assert answer.mimetype == "application/json"


@settings(
    max_examples=80, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(body=st.binary(max_size=300))
def test_any_bytes_are_answered(ehr: Any, body: bytes) -> None:
    for path in ("authorize", "token", "revoke", "introspect", "choose"):
        answer = ehr.client.post(f"/auth/{path}", data=body, headers=FORM)

        assert 400 <= answer.status_code < 500
        assert "Location" not in answer.headers
