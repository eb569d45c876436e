"""The way to CDS services over HTTP: whatever is answered, within limits."""

import pytest
import requests
import responses

from wherry.errors import Failure, Kind
from wherry_ehr.chart.cds_http import MAX_BYTES, HttpHooks
from wherry_ehr.chart.hooks import Heard, answered, catalogue

URL = "http://127.0.0.1:9000/cds-services"


def _ask(body: bytes | None = None) -> Heard:
    method = "GET" if body is None else "POST"
    return HttpHooks().ask(method, URL, body, bearer="the-token", timeout_s=1)


@responses.activate
def test_what_is_sent_carries_the_token_and_says_that_it_is_json() -> None:
    responses.post(URL, body=b"{}", status=418)

    heard = _ask(b'{"a": 1}')

    sent = responses.calls[0].request
    assert heard == Heard(418, b"{}")
    assert sent.body == b'{"a": 1}'
    assert (sent.headers["Authorization"], sent.headers["Content-Type"]) == (
        "Bearer the-token",
        "application/json",
    )


@pytest.mark.parametrize(
    ("trouble", "said"),
    [
        (requests.ConnectTimeout(), "it did not answer in time"),
        (requests.ReadTimeout(), "it did not answer in time"),
        (requests.ConnectionError(), "it cannot be reached"),
        (requests.exceptions.ChunkedEncodingError(), "it cannot be reached"),
    ],
)
@responses.activate
def test_no_answer_is_a_failure_in_words(trouble: Exception, said: str) -> None:
    responses.get(URL, body=trouble)

    with pytest.raises(Failure) as caught:
        _ask()

    assert (caught.value.kind, caught.value.detail) == (Kind.UNAVAILABLE, said)


@responses.activate
def test_a_redirect_is_not_followed() -> None:
    responses.get(URL, status=302, headers={"Location": "http://10.0.0.1/"})

    with pytest.raises(Failure, match="a redirect, which is not followed"):
        _ask()

    assert len(responses.calls) == 1


@responses.activate
def test_an_answer_without_end_is_not_read_to_its_end() -> None:
    responses.get(URL, body=b" " * (MAX_BYTES + 1))

    with pytest.raises(Failure, match="too long"):
        _ask()


@pytest.mark.parametrize(
    "body", [b"", b"[]", b"null", b"{", b'{"services": 5}', b"{}", b'{"services": null}']
)
def test_what_is_no_catalogue_is_a_failure_and_never_an_empty_one(body: bytes) -> None:
    with pytest.raises(Failure) as caught:
        catalogue(Heard(200, body))

    assert caught.value.kind is Kind.UNAVAILABLE


@pytest.mark.parametrize("status", [201, 204, 301, 400, 404, 412, 500, 503])
def test_only_200_is_a_good_answer(status: int) -> None:
    with pytest.raises(Failure, match=f"it answered {status}"):
        answered(Heard(status, b'{"cards": []}'))
