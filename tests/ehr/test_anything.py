"""Whatever is sent, the answer is a result or a 4xx with an OperationOutcome; on both databases."""

from typing import Any
from urllib.parse import quote

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from wherry.codec import encode

TEXTS = st.text(st.characters(blacklist_categories=["Cs"]), max_size=30)
JSON: st.SearchStrategy[Any] = st.recursive(
    st.none() | st.booleans() | st.integers(-(10**12), 10**12) | TEXTS,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(TEXTS, inner, max_size=4),
    max_leaves=12,
)
PATHS = st.sampled_from(
    [
        *("", "/Patient", "/Patient/a", "/Patient/a/_history", "/Patient/a/_history/1"),
        *("/Patient/_history", "/_history", "/Patient/_search", "/Patient/a/$everything"),
        *("/Patient/$validate", "/Patient/a/$validate", "/Observation", "/metadata", "/Dragon"),
    ]
) | TEXTS.map(lambda text: f"/{quote(text)}")
NAMES = (
    st.sampled_from(
        [
            *(
                "_id",
                "name",
                "family:exact",
                "name:contains",
                "identifier",
                "birthdate",
                "gender:not",
            ),
            *("_has:Observation:patient:code", "organization.name", "_sort", "_count", "_include"),
            *("_page", "_since", "_summary", "_elements", "start", "_type", "address-city", "_tag"),
        ]
    )
    | TEXTS
)
TYPES = st.sampled_from(
    [
        *("application/fhir+json", "application/json", "application/json-patch+json"),
        *("application/x-www-form-urlencoded", "text/plain", ""),
    ]
)
HEADERS = st.sampled_from(
    [
        *("If-Match", "If-None-Match", "If-Modified-Since", "If-None-Exist", "Prefer", "Accept"),
        *("X-Wherry-Fault", "X-Request-Id"),
    ]
)
ENTRIES = st.fixed_dictionaries(
    {
        "request": st.fixed_dictionaries(
            {
                "method": st.sampled_from(["GET", "POST", "PUT", "PATCH", "DELETE"]),
                "url": st.sampled_from(["Patient", "Patient/a", "Patient?name=x", "_history"])
                | TEXTS,
            },
            optional={"ifMatch": TEXTS, "ifNoneExist": TEXTS, "ifNoneMatch": TEXTS},
        )
    },
    optional={"resource": JSON, "fullUrl": TEXTS},
)
BUNDLES = st.builds(
    lambda type_, entries: {"resourceType": "Bundle", "type": type_, "entry": entries},
    st.sampled_from(["batch", "transaction"]),
    st.lists(ENTRIES, max_size=3),
)
RESOURCES = st.builds(
    lambda extra: {"resourceType": "Patient", "id": "a", **extra},
    st.dictionaries(
        st.sampled_from(["name", "gender", "birthDate", "meta", "identifier", "text"]) | TEXTS,
        JSON,
        max_size=3,
    ),
)
PATCHES = st.lists(
    st.fixed_dictionaries(
        {
            "op": st.sampled_from(["add", "remove", "replace", "move", "copy", "test"]),
            "path": st.sampled_from(["/name", "/name/0", "/gender", "", "/-", "/id"]) | TEXTS,
        },
        optional={"value": JSON, "from": TEXTS},
    ),
    max_size=3,
)
BODIES = (JSON | BUNDLES | RESOURCES | PATCHES).map(encode) | st.binary(max_size=40)
QUERIES = st.lists(st.tuples(NAMES, TEXTS), max_size=3).map(
    lambda pairs: "&".join(f"{quote(name)}={quote(value)}" for name, value in pairs)
)


@settings(
    max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(
    method=st.sampled_from(["GET", "POST", "PUT", "PATCH", "DELETE"]),
    path=PATHS,
    query=QUERIES,
    body=BODIES,
    kind=TYPES,
    headers=st.dictionaries(HEADERS, TEXTS.filter(str.isascii).filter(str.isprintable), max_size=2),
)
def test_anything_that_is_sent_is_answered(
    either: Any, *, method: str, path: str, query: str, body: bytes, kind: str, headers: Any
) -> None:
    answer = either.client.open(
        f"/fhir{path}?{query}",
        method=method,
        data=None if method in {"GET", "DELETE"} else body,
        content_type=kind or None,
        headers=headers,
    )

    assert answer.status_code < 500, (method, path, query, body, answer.get_data())
    if answer.status_code >= 400:
        assert answer.get_json()["resourceType"] == "OperationOutcome"
        assert b"Traceback" not in answer.get_data()


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"null",
        b"[" * 100_000,
        b'{"resourceType":"Patient","id":' + b"[" * 5000,
        b'{"resourceType":"Patient","birthDate":"\xff"}',
        b'{"resourceType":"Patient","name":[{"family":"\\ud800"}]}',
        b'{"resourceType":"Patient","multipleBirthInteger":1e999999}',
        b'{"resourceType":"Patient","name":[{"family":"a\\u0000b"}]}',
    ],
)
def test_a_body_that_is_hard_to_read_is_refused(either: Any, body: bytes) -> None:
    for method, path in (("POST", "/fhir/Patient"), ("POST", "/fhir"), ("PUT", "/fhir/Patient/a")):
        answer = either.client.open(
            path, method=method, data=body, content_type="application/fhir+json"
        )
        assert 400 <= answer.status_code < 500
        assert answer.get_json()["resourceType"] == "OperationOutcome"
