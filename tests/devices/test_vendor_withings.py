"""Withings' cloud as a pure protocol: pages, cursors, tokens, troubles."""

import hmac
from hashlib import sha256
from typing import Any
from urllib.parse import parse_qs

import pytest
from tests.devices.asked import played, said
from tests.devices.harness import NOW, group, measure

from wherry.codec import decode
from wherry.errors import Failure
from wherry_devices.connectors import decoded
from wherry_devices.vendors import VENDORS, oauth, withings
from wherry_devices.vendors.protocol import Answer, Client, Notice, Trouble, trouble

CLIENT = Client("client-1", "made-up-client-secret")
VENDOR = VENDORS["withings"]
READING = group(1, measure(11, 7600, -2))


def answered(*groups: Any, **more: Any) -> Answer:
    return said({"status": 0, "body": {"updatetime": 5000, "measuregrps": list(groups), **more}})


def test_pages_are_fetched_by_time_of_change_until_there_is_no_more() -> None:
    answers = [answered(READING, more=1, offset=7), answered(READING, updatetime=5003)]

    asked, pages, _ = played(VENDOR.pages("4711", "1000", NOW), answers)

    assert [(one.method, one.path, one.form.get("offset")) for one in asked] == [
        ("POST", "/measure", None),
        ("POST", "/measure", "7"),
    ]
    assert {one.form["lastupdate"] for one in asked} == {"1000"}
    assert [one.cursor.partition("~")[0] for one in pages] == ["1000/7/5000", "4400"]


def test_a_run_that_was_cut_off_goes_on_where_it_stood() -> None:
    asked, pages, _ = played(VENDOR.pages("4711", "1000/7/5000", NOW), [answered(updatetime=9000)])

    assert asked[0].form["offset"] == "7"
    assert pages[-1].cursor == "4400"  # by the first page's clock: what came since comes again


def test_the_cursor_never_goes_back() -> None:
    _, pages, _ = played(VENDOR.pages("4711", "4900", NOW), [answered()])

    assert pages[-1].cursor == "4900"


def test_an_answer_that_does_not_say_its_time_moves_no_cursor() -> None:
    _, pages, _ = played(VENDOR.pages("4711", "4900", NOW), [answered(updatetime=None)])

    assert pages[-1].cursor == "4900"


def test_a_page_says_whose_it_is_and_keeps_its_digits() -> None:
    body = b'{"status":0,"body":{"updatetime":1,"measuregrps":[{"measures":[{"value":1.50}]}]}}'

    _, pages, _ = played(VENDOR.pages("4711", "0", NOW), [Answer(200, body)])

    assert decode(pages[0].body)["userid"] == "4711"
    assert b"1.50" in pages[0].body


def test_what_comes_again_because_of_the_overlap_is_kept_once() -> None:
    edited = {**READING, "modified": READING["modified"] + 60}
    bodies, cursor = [], "1000"
    for answer in (
        answered(READING),
        answered(READING, updatetime=5060),
        answered(edited, updatetime=5120),
        answered(edited, updatetime=5180),
        answered(updatetime=6000),
        answered(edited, updatetime=6060),
    ):
        _, [page], _ = played(VENDOR.pages("4711", cursor, NOW), [answer])
        bodies.append(bool(page.body))
        cursor = page.cursor

    assert bodies == [True, False, True, False, False, True]
    assert cursor.partition("~")[0] == "5460"


def test_an_empty_page_is_not_kept() -> None:
    _, pages, _ = played(VENDOR.pages("4711", "0", NOW), [answered()])

    assert [one.body for one in pages] == [b""]


@pytest.mark.parametrize(
    ("answer", "expected"),
    [
        (said({"status": 401, "body": {}}), Trouble.REFUSED),
        (said({"status": 2554, "body": {}}), Trouble.REFUSED),
        (said({"status": 601, "body": {}}), Trouble.BUSY),
        (said({"status": 522, "body": {}}), Trouble.AWAY),
        (said({"status": 293, "body": {}}), Trouble.MALFORMED),
        (said({"status": 0}), Trouble.MALFORMED),
        (said({"status": 0, "body": {}}), Trouble.MALFORMED),
        (said([]), Trouble.MALFORMED),
        (Answer(200, b"<html>"), Trouble.MALFORMED),
        (Answer(401, b""), Trouble.REFUSED),
        (Answer(403, b""), Trouble.REFUSED),
        (Answer(429, b""), Trouble.BUSY),
        (Answer(500, b""), Trouble.AWAY),
        (Answer(503, b"", retry_after_s=7), Trouble.AWAY),
        (Answer(404, b""), Trouble.MALFORMED),
    ],
)
def test_a_trouble_of_the_vendor_has_a_name(answer: Answer, expected: Trouble) -> None:
    with pytest.raises(Failure) as caught:
        played(VENDOR.pages("4711", "0", NOW), [answer])

    assert trouble(caught.value) is expected
    assert "4711" not in str(caught.value)


def test_a_busy_vendor_is_left_alone_for_as_long_as_it_says() -> None:
    for answer, pause in ((Answer(429, b"", retry_after_s=7), 7), (said({"status": 601}), 60)):
        with pytest.raises(Failure) as caught:
            played(VENDOR.pages("4711", "0", NOW), [answer])
        assert caught.value.after_s == pause


def test_tokens_are_asked_for_by_an_action() -> None:
    given = {
        "access_token": "made-up-access",
        "refresh_token": "made-up-refresh",
        "userid": 4711,
        "expires_in": 10800,
        "scope": "user.metrics",
    }
    asking = oauth.exchange(VENDOR, CLIENT, code="c1", redirect_uri="https://here/cb", verifier="")

    [request], _, grant = played(asking, [said({"status": 0, "body": given})])

    assert (request.path, request.host, request.form) == (
        "/v2/oauth2",
        "tokens",
        {
            "action": "requesttoken",
            "client_id": "client-1",
            "client_secret": "made-up-client-secret",
            "grant_type": "authorization_code",
            "code": "c1",
            "redirect_uri": "https://here/cb",
        },
    )
    assert (grant.account, grant.expires_in_s, grant.scopes) == ("4711", 10800, "user.metrics")
    assert (grant.access_token, grant.refresh_token) == ("made-up-access", "made-up-refresh")


@pytest.mark.parametrize(
    ("answer", "expected"),
    [
        (said({"status": 401, "body": {}}), Trouble.REFUSED),
        (said({"status": 503, "error": "Invalid Params: invalid refresh_token"}), Trouble.REFUSED),
        (said({"status": 503, "error": "Invalid Params: invalid client_id"}), Trouble.CLIENT),
        (said({"status": 342, "error": "Signature is invalid"}), Trouble.CLIENT),
        (said({"status": 601}), Trouble.BUSY),
        (said({"status": 0, "body": {}}), Trouble.MALFORMED),
        (Answer(502, b""), Trouble.AWAY),
    ],
)
def test_a_refused_token_request_says_whose_fault_it_is(answer: Answer, expected: Trouble) -> None:
    with pytest.raises(Failure) as caught:
        played(oauth.renewal(VENDOR, CLIENT, "made-up-refresh"), [answer])

    assert trouble(caught.value) is expected


def test_a_consent_is_ended_with_a_signed_request() -> None:
    assert VENDOR.revoke is not None
    answers = [said({"status": 0, "body": {"nonce": "n1"}}), said({"status": 0, "body": {}})]

    asked, _, _ = played(VENDOR.revoke(CLIENT, "4711", "unused", NOW), answers)

    key = CLIENT.secret.encode()
    at = str(int(NOW.timestamp()))
    assert (
        asked[0].form["signature"]
        == hmac.digest(key, f"getnonce,client-1,{at}".encode(), sha256).hex()
    )
    assert asked[1].form == {
        "action": "revoke",
        "client_id": "client-1",
        "nonce": "n1",
        "userid": "4711",
        "signature": hmac.digest(key, b"revoke,client-1,n1", sha256).hex(),
    }


def test_notices_are_asked_for_by_kind() -> None:
    assert VENDOR.subscribe is not None
    asking = VENDOR.subscribe("https://here/v1/sources/withings/secret")

    asked, _, _ = played(asking, [said({"status": 0, "body": {}})] * 4)

    assert [(one.path, one.form["action"], one.form["appli"]) for one in asked] == [
        ("/notify", "subscribe", appli) for appli in ("1", "2", "4", "46")
    ]
    assert {one.form["callbackurl"] for one in asked} == {"https://here/v1/sources/withings/secret"}


def test_a_notification_tells_whose_measurements_are_new() -> None:
    def noticed(form: bytes) -> Any:
        return tuple(VENDOR.noticed(decoded("withings", form)))

    assert noticed(b"userid=4711&appli=4&startdate=1&enddate=2") == (Notice("4711"),)
    assert noticed(b"userid=4711&appli=46&action=unlink") == (Notice("4711", in_doubt=True),)
    assert noticed(b"userid=4711&appli=4&action=delete") == (Notice("4711"),)
    assert noticed(b"appli=4&startdate=1") == ()
    assert VENDOR.noticed([1]) == ()


def test_the_page_of_consent_hears_what_it_needs_and_no_secret() -> None:
    query = oauth.consent_query(
        VENDOR, CLIENT, redirect_uri="https://here/cb", state="s1", verifier="v1"
    )

    assert parse_qs(query) == {
        "response_type": ["code"],
        "client_id": ["client-1"],
        "redirect_uri": ["https://here/cb"],
        "scope": ["user.info,user.metrics"],
        "state": ["s1"],
    }


def test_a_challenge_is_the_one_of_the_standard() -> None:
    """Source: RFC 7636, appendix B."""
    verifier = "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk"

    assert oauth.challenge(verifier) == "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM"


def test_no_token_and_no_account_is_in_what_may_be_logged() -> None:
    grant = said({"status": 0, "body": {"access_token": "made-up-access", "userid": "4711"}})
    shown = repr((oauth.granted(VENDOR, grant), grant, CLIENT, Notice("4711")))
    shown += repr(VENDOR.style.request("/v2/oauth2", CLIENT, {"refresh_token": "made-up-refresh"}))

    for secret in ("made-up", "4711"):
        assert secret not in shown


def test_the_first_fetch_begins_when_it_is_told_to() -> None:
    assert withings.start(NOW) == str(int(NOW.timestamp()))
