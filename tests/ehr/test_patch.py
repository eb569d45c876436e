"""JSON Patch: the standard's own examples, and what it does to resources."""

import base64
from decimal import Decimal
from typing import Any

import pytest

from wherry.codec import decode, encode
from wherry.errors import Failure, Kind
from wherry_ehr.write.json_patch import patched

PATCH = "application/json-patch+json"


# Source: RFC 6902, Appendix A, and RFC 6901, 5.
@pytest.mark.parametrize(
    ("document", "operations", "result"),
    [
        (
            {"foo": "bar"},
            [{"op": "add", "path": "/baz", "value": "qux"}],
            '{"foo":"bar","baz":"qux"}',
        ),
        ({"f": [1, 3]}, [{"op": "add", "path": "/f/1", "value": 2}], '{"f":[1,2,3]}'),
        ({"f": [1]}, [{"op": "add", "path": "/f/-", "value": [2]}], '{"f":[1,[2]]}'),
        ({"a": 1, "b": 2}, [{"op": "remove", "path": "/a"}], '{"b":2}'),
        ({"f": [1, 2, 3]}, [{"op": "remove", "path": "/f/1"}], '{"f":[1,3]}'),
        ({"a": 1}, [{"op": "replace", "path": "/a", "value": None}], '{"a":null}'),
        (
            {"a": {"b": 1}, "c": {}},
            [{"op": "move", "from": "/a/b", "path": "/c/d"}],
            '{"a":{},"c":{"d":1}}',
        ),
        ({"f": [1, 2, 3]}, [{"op": "move", "from": "/f/0", "path": "/f/2"}], '{"f":[2,3,1]}'),
        ({"a": [1]}, [{"op": "copy", "from": "/a", "path": "/b"}], '{"a":[1],"b":[1]}'),
        ({"a": 1}, [{"op": "test", "path": "/a", "value": 1}], '{"a":1}'),
        ({"~/": 1}, [{"op": "replace", "path": "/~0~1", "value": 2}], '{"~/":2}'),
        ({"": 1}, [{"op": "replace", "path": "/", "value": 2}], '{"":2}'),
        ({"a": 1}, [{"op": "replace", "path": "", "value": [3]}], "[3]"),
        ({"a": Decimal("98.60")}, [{"op": "test", "path": "/a", "value": 98.6}], '{"a":98.60}'),
        ({"a": 1}, [{"op": "add", "path": "/b", "value": 1, "xyz": 1}], '{"a":1,"b":1}'),
    ],
)
def test_operations_do_what_the_standard_says(
    document: Any, operations: list[Any], result: str
) -> None:
    before = encode(document)

    made = patched(document, decode(encode(operations)))

    assert encode(made).decode() == result
    assert encode(document) == before


@pytest.mark.parametrize(
    ("operation", "kind"),
    [
        ({"op": "remove", "path": "/b"}, Kind.UNPROCESSABLE),
        ({"op": "replace", "path": "/b", "value": 1}, Kind.UNPROCESSABLE),
        ({"op": "add", "path": "/b/c", "value": 1}, Kind.UNPROCESSABLE),
        ({"op": "add", "path": "/a/3", "value": 1}, Kind.UNPROCESSABLE),
        ({"op": "add", "path": "/a/01", "value": 1}, Kind.UNPROCESSABLE),
        ({"op": "add", "path": "/a/x", "value": 1}, Kind.UNPROCESSABLE),
        ({"op": "remove", "path": "/a/-"}, Kind.UNPROCESSABLE),
        ({"op": "remove", "path": ""}, Kind.UNPROCESSABLE),
        ({"op": "test", "path": "/a/0", "value": True}, Kind.UNPROCESSABLE),
        ({"op": "test", "path": "/a", "value": [1]}, Kind.UNPROCESSABLE),
        ({"op": "move", "from": "/a", "path": "/a/0"}, Kind.UNPROCESSABLE),
        ({"op": "spam", "path": "/a"}, Kind.INVALID),
        ({"op": ["add"], "path": "/a"}, Kind.INVALID),
        ({"op": "add", "path": "/a"}, Kind.INVALID),
        ({"op": "move", "path": "/a"}, Kind.INVALID),
        ({"op": "remove", "path": "a"}, Kind.INVALID),
        ({"op": "remove", "path": "/~2"}, Kind.INVALID),
        ({"op": "remove", "path": 1}, Kind.INVALID),
        ("remove", Kind.INVALID),
    ],
)
def test_an_operation_that_cannot_be_done_is_named(operation: Any, kind: Kind) -> None:
    with pytest.raises(Failure) as caught:
        patched({"a": [1, 2]}, [{"op": "test", "path": "/a/1", "value": 2}, operation])

    assert (caught.value.kind, caught.value.at.partition(".")[0]) == (kind, "patch[1]")


def _patch(ehr: Any, path: str, *operations: Any, **headers: str) -> Any:
    return ehr.client.patch(
        f"/fhir{path}",
        data=encode(list(operations)),
        content_type=PATCH,
        headers={name.replace("_", "-"): value for name, value in headers.items()},
    )


MALE = {"op": "add", "path": "/gender", "value": "male"}


def test_a_patch_makes_the_next_version(either: Any, make: Any, body: Any) -> None:
    id_ = either.created(make.patient())["id"]

    answer = _patch(either, f"/Patient/{id_}", MALE)

    assert (answer.status_code, answer.headers["ETag"]) == (200, 'W/"2"')
    assert body(answer)["gender"] == "male"
    assert body(either.get(f"/Patient/{id_}/_history/1")).get("gender") is None
    assert either.found("/Patient?gender=male") == [id_]


@pytest.mark.parametrize(
    ("operations", "headers", "status"),
    [
        ([{"op": "replace", "path": "/gender", "value": "male"}], {}, 422),
        ([{"op": "add", "path": "/gender", "value": "unheard-of"}], {}, 422),
        ([{"op": "replace", "path": "/id", "value": "other"}], {}, 422),
        ([{"op": "replace", "path": "/resourceType", "value": "Basic"}], {}, 422),
        ([{"op": "replace", "path": "", "value": []}], {}, 422),
        ([{"op": "test", "path": "/name/0/family", "value": "Else"}, MALE], {}, 422),
        ([{"op": "dance", "path": "/gender"}], {}, 400),
        ([MALE], {"If_Match": 'W/"7"'}, 412),
        ([MALE], {"If_Match": 'W/"1"'}, 200),
    ],
)
def test_a_patch_that_does_not_fit_changes_nothing(
    ehr: Any, make: Any, operations: list[Any], headers: dict[str, str], status: int
) -> None:
    id_ = ehr.created(make.patient())["id"]

    answer = _patch(ehr, f"/Patient/{id_}", *operations, **headers)

    assert answer.status_code == status
    assert ehr.vids("Patient", id_) == (2 if status == 200 else 1)


def test_what_is_not_there_cannot_be_patched(ehr: Any, make: Any) -> None:
    id_ = ehr.created(make.patient())["id"]
    ehr.ask("DELETE", f"/Patient/{id_}")

    assert _patch(ehr, f"/Patient/{id_}", MALE).status_code == 404
    assert _patch(ehr, "/Patient/nobody", MALE).status_code == 404


def test_only_json_patch_is_taken(ehr: Any, make: Any) -> None:
    path = f"/fhir/Patient/{ehr.created(make.patient())['id']}"

    assert ehr.client.patch(path, data="[]", content_type="application/json").status_code == 415
    assert ehr.client.patch(path, data="{", content_type=PATCH).status_code == 400
    assert ehr.client.patch(path, data="{}", content_type=PATCH).status_code == 400


def test_a_conditional_patch_means_exactly_one(ehr: Any, make: Any) -> None:
    for value in ("1", "2"):
        ehr.created(make.patient(value))

    found = "/Patient?identifier=urn:example:mrn|1"
    assert _patch(ehr, found, MALE).status_code == 200
    assert _patch(ehr, "/Patient?identifier=urn:example:mrn|3", MALE).status_code == 404
    assert _patch(ehr, "/Patient?family=testperson", MALE).status_code == 412
    assert _patch(ehr, "/Patient", MALE).status_code == 400
    assert len(ehr.found("/Patient?gender=male")) == 1


def _binary(*operations: Any) -> dict[str, Any]:
    data = base64.b64encode(encode(list(operations))).decode()
    return {"resourceType": "Binary", "contentType": PATCH, "data": data}


def test_a_patch_in_a_transaction_is_a_binary(either: Any, make: Any, body: Any) -> None:
    id_ = either.created(make.patient("1"))["id"]
    either.created(make.patient("2"))

    answer = either.bundle(
        "transaction",
        make.entry("PATCH", f"Patient/{id_}", _binary(MALE), ifMatch='W/"1"'),
        make.entry("PATCH", "Patient?identifier=urn:example:mrn|2", _binary(MALE)),
        make.entry("GET", "Patient?gender=male"),
    )

    entries = body(answer)["entry"]
    assert [entry["response"]["status"] for entry in entries] == ["200 OK"] * 3
    assert entries[2]["resource"]["total"] == 2


@pytest.mark.parametrize(
    "binary",
    [
        {"resourceType": "Patient"},
        {"resourceType": "Binary", "contentType": "text/plain", "data": "W10="},
        {"resourceType": "Binary", "contentType": PATCH, "data": "!"},
        {"resourceType": "Binary", "contentType": PATCH},
        _binary({"op": "remove", "path": "/nothing"}),
    ],
)
def test_a_transaction_with_a_patch_that_does_not_fit_does_nothing(
    ehr: Any, make: Any, binary: Any
) -> None:
    id_ = ehr.created(make.patient("1"))["id"]

    answer = ehr.bundle(
        "transaction",
        make.entry("POST", "Patient", make.patient("2")),
        make.entry("PATCH", f"Patient/{id_}", binary),
    )

    assert answer.status_code in {400, 422}
    assert len(ehr.found("/Patient")) == 1


def test_a_patch_in_a_batch_is_for_itself(ehr: Any, make: Any, body: Any) -> None:
    id_ = ehr.created(make.patient("1"))["id"]

    answer = ehr.bundle(
        "batch",
        make.entry("PATCH", f"Patient/{id_}", _binary(MALE)),
        make.entry("PATCH", "Patient/nobody", _binary(MALE)),
    )

    statuses = [entry["response"]["status"][:3] for entry in body(answer)["entry"]]
    assert statuses == ["200", "404"]
