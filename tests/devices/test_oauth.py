"""Token requests and answers of vendors that keep to RFC 6749."""

from dataclasses import replace

import pytest
from tests.devices.asked import played, said
from tests.devices.harness import NOW

from wherry.errors import Failure
from wherry_devices.vendors import VENDORS, oauth
from wherry_devices.vendors.protocol import Answer, Client, Trouble, Vendor, trouble

CLIENT = Client("client 1", "made-up secret")
VENDOR: Vendor = replace(
    VENDORS["withings"], style=oauth.by_standard(), token_path="/token", account="", pkce=True
)
GIVEN = {"access_token": "made-up-access", "token_type": "Bearer", "expires_in": 7200}


def test_a_code_is_exchanged_with_its_verifier() -> None:
    asking = oauth.exchange(VENDOR, CLIENT, code="c1", redirect_uri="https://here/cb", verifier="v")

    [request], _, grant = played(asking, [said({**GIVEN, "refresh_token": "made-up-refresh"})])

    assert request.form == {
        "grant_type": "authorization_code",
        "code": "c1",
        "redirect_uri": "https://here/cb",
        "code_verifier": "v",
        "client_id": "client 1",
        "client_secret": "made-up secret",
    }
    assert (grant.refresh_token, grant.expires_in_s, grant.account) == ("made-up-refresh", 7200, "")


def test_a_vendor_that_keeps_its_refresh_token_sends_none() -> None:
    _, _, grant = played(oauth.renewal(VENDOR, CLIENT, "made-up-refresh"), [said(GIVEN)])

    assert grant.refresh_token == ""


def test_the_client_may_show_itself_by_basic() -> None:
    basic = replace(VENDOR, style=oauth.by_standard(basic=True))

    [request], _, _ = played(oauth.renewal(basic, CLIENT, "r"), [said(GIVEN)])

    assert request.headers == {"Authorization": "Basic Y2xpZW50KzE6bWFkZS11cCtzZWNyZXQ="}
    assert "client_secret" not in request.form


@pytest.mark.parametrize(
    ("answer", "expected"),
    [
        (said({"error": "invalid_grant"}, 400), Trouble.REFUSED),
        (said({"error": "invalid_client"}, 401), Trouble.CLIENT),
        (said({"error": "invalid_request"}, 400), Trouble.CLIENT),
        (said({}, 429), Trouble.BUSY),
        (said({}, 500), Trouble.AWAY),
        (said({"access_token": 1}), Trouble.MALFORMED),
        (said({"access_token": ""}), Trouble.MALFORMED),
        (Answer(200, b"<html>"), Trouble.MALFORMED),
        (said([]), Trouble.MALFORMED),
    ],
)
def test_a_refused_grant_says_whose_fault_it_is(answer: Answer, expected: Trouble) -> None:
    with pytest.raises(Failure) as caught:
        played(oauth.renewal(VENDOR, CLIENT, "r"), [answer])

    assert trouble(caught.value) is expected


def test_a_life_that_is_not_said_is_short() -> None:
    _, _, grant = played(oauth.renewal(VENDOR, CLIENT, "r"), [said({"access_token": "a"})])

    assert grant.expires_in_s == 60


def test_a_token_is_revoked_by_the_standard() -> None:
    revoke = oauth.revoking("/revoke")

    [request], _, _ = played(revoke(CLIENT, "", "made-up-refresh", NOW), [Answer(200, b"")])

    assert (request.path, request.form["token"]) == ("/revoke", "made-up-refresh")
    with pytest.raises(Failure):
        played(revoke(CLIENT, "", "made-up-refresh", NOW), [Answer(400, b"")])
