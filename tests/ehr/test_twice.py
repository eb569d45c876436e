"""A body that says a key twice is refused with its place, whatever it looks like. All made up."""

import json
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from wherry.errors import Failure, Kind
from wherry_ehr.interactions.entries import bundle_in
from wherry_ehr.twice import refuse_repeated_keys

PATIENT = b'{"resourceType":"Patient","gender":"male","gender":"female"}'


@pytest.mark.parametrize(
    ("text", "at"),
    [
        (PATIENT, "Patient.gender"),
        (b'{"resourceType" : "Patient" , "gender" : "male" , "gender" : "male"}', "Patient.gender"),
        (b'{"resourceType":"Patient","name":[{},{"family":"A","family":"B"}]}',
         "Patient.name[1].family"),
        (b'{"resourceType":"Patient","resourceType":"Group"}', "Patient.resourceType"),
        (b'{"resourceType":"Bundle","entry":[{"resource":{"id":"1","id":"2"}}]}',
         "Bundle.entry[0].resource.id"),
        (b'{"gender":"male","g\\u0065nder":"female"}', "gender"),
        # a pair that a count alone would take for a key
        (b'{"a":1,"a" :2,"b":"\\u0022:"}', "a"),
        (b'{"a":1,"a":2,"b":"\\"\\u003a"}', "a"),
        (b'{"a":1,"a":2,"b":"\\"\\u003A"}', "a"),
        (b'{"a":1,"a":2,"b":"\\u0022:"}', "a"),
        (b'{"a":"\\":","a" :2}', "a"),
        (b'{"a":"x\\\\","a":2}', "a"),
        (b'{"resourceType":"Patient","Ada Test":1,"Ada Test":2}', "Patient"),
        (b'{"a":1e999,"a":2}', "a"),
    ],
)  # fmt: skip
def test_a_key_that_is_said_twice_is_named(text: bytes, at: str) -> None:
    with pytest.raises(Failure) as caught:
        refuse_repeated_keys(text)

    assert (caught.value.kind, caught.value.at) == (Kind.INVALID, at)


@pytest.mark.parametrize(
    "text",
    [
        b"{}",
        b'{"a":1,"b":{"a":1},"c":[{"a":1},{"a":1}]}',
        b'{"a" : 1, "b" : 2}',
        b'{\n  "a":\n1,\t"b"\r\n:2}',
        b'{"a":"\\":\\":","b":"x\\\\"}',
        b'{"a":"\\u0022:","b":"\\u0022: \\" :"}',
        b'{"a":"A\\u00e9","A":98.60}',
        b'{"a":',
        b"\xff",
        b"[" * 100_000,
    ],
)
def test_keys_that_are_said_once_pass_and_what_is_no_json_is_left_to_its_reader(
    text: bytes,
) -> None:
    assert not _is_refused(text)


@pytest.mark.parametrize(
    ("method", "path", "text"),
    [
        ("POST", "/fhir/Patient", PATIENT),
        ("PUT", "/fhir/Patient/p-1", PATIENT),
        ("PUT", "/fhir/Patient?_id=p-1", PATIENT),
        ("POST", "/fhir", b'{"resourceType":"Bundle","type":"batch","type":"transaction"}'),
    ],
)
def test_the_server_refuses_it_at_every_door(
    ehr: Any, body: Any, method: str, path: str, text: bytes
) -> None:
    answer = ehr.client.open(path, method=method, data=text, content_type="application/fhir+json")

    (issue,) = body(answer)["issue"]
    assert (answer.status_code, issue["code"]) == (400, "invalid")
    assert issue["expression"] in (["Patient.gender"], ["Bundle.type"])
    assert ehr.found("/Patient") == []


@pytest.mark.parametrize(
    ("entry", "at"),
    [
        (b'{"fullUrl":"urn:x","fullUrl":"urn:y"}', "Bundle.entry[0].fullUrl"),
        (b'{"request":{"method":"GET","url":"Patient","url":"Group"}}',
         "Bundle.entry[0].request.url"),
        (b'{"request":{"method":"POST","url":"Patient"},"resource":' + PATIENT + b"}",
         "Bundle.entry[0].resource.gender"),
        (b'{"request":{"method":"POST","url":"Patient"},'
         b'"resource":{"resourceType":"Patient","name":[{"family":"A","family":"B"}]}}',
         "Bundle.entry[0].resource.name[0].family"),
        (b'{"request":{"method":"GET","url":"Patient"},"search":{"mode":"match","mode":"match"}}',
         "Bundle.entry[0].search.mode"),
        # numbers that are longer when they are written anew
        (b'{"request":{"method":"POST","url":"Patient"},'
         b'"resource":{"resourceType":"Patient","a":[1e9,1e-7,1E-09],"a":[1e9,1e-7,1E-09]}}',
         "Bundle.entry[0].resource.a"),
        (b'{"request":{"method":"POST","url":"Patient"},'
         b'"resource":{"resourceType":"Patient","a":[1e-9,{"b":1e-9,"b":1}]}}',
         "Bundle.entry[0].resource.a[1].b"),
    ],
)  # fmt: skip
@pytest.mark.parametrize("type_", [b"batch", b"transaction"])
def test_it_is_found_anywhere_in_a_bundle(type_: bytes, entry: bytes, at: str) -> None:
    text = b'{"resourceType":"Bundle","type":"' + type_ + b'","entry":[' + entry + b"]}"

    with pytest.raises(Failure) as caught:
        bundle_in(text)

    assert (caught.value.kind, caught.value.at) == (Kind.INVALID, at)


@given(data=st.data(), space=st.sampled_from(["", " ", "\n"]))
@settings(max_examples=300, deadline=None)
def test_a_bundle_is_refused_when_and_only_when_it_says_a_key_twice(
    data: st.DataObject, space: str
) -> None:
    keys = st.sampled_from(["id", "id", "a", "é", '":', "\\", "b"])
    values = st.sampled_from(['"x"', "1e9", "1E-9", "[]", '{"c":1}', '"\\":"', '{"c":1,"c":1e-9}'])
    said = data.draw(st.lists(st.tuples(keys, values), max_size=4))
    pairs = "".join(f",{json.dumps(key)}{space}:{value}" for key, value in said)
    text = (
        '{"resourceType":"Bundle","type":"transaction","entry":[{"request":{"method":"POST",'
        f'"url":"Patient"}},"resource":{{"resourceType":"Patient"{pairs}}}}}]}}'
    ).encode()
    names = [key for key, _ in said]
    twice = len(set(names)) < len(names) or any("c" in value[5:] for _, value in said)

    try:
        bundle_in(text)
        refused = False
    except Failure:
        refused = True

    assert refused == twice


@given(data=st.data(), ascii_only=st.booleans(), colon=st.sampled_from([":", " :", ": ", "\n:\t"]))
@settings(max_examples=300, deadline=None)
def test_whatever_is_said_twice_is_found_however_it_is_written(
    data: st.DataObject, ascii_only: bool, colon: str
) -> None:
    texts = st.sampled_from(["a", "b", '":', "\\", "é", '"', ":", ' "x" :'])
    leaves = texts.map(lambda text: json.dumps(text, ensure_ascii=ascii_only))
    pairs = st.lists(st.tuples(texts, leaves), max_size=5)

    def written(said: list[tuple[str, str]]) -> str:
        return ",".join(f"{json.dumps(key)}{colon}{value}" for key, value in said)

    said = data.draw(pairs)
    keys = [key for key, _ in said]
    text = f'{{"resourceType"{colon}"Patient","z"{colon}{{{written(said)}}}}}'.encode()

    assert _is_refused(text) == (len(set(keys)) < len(keys))


def _is_refused(text: bytes) -> bool:
    try:
        refuse_repeated_keys(text)
    except Failure:
        return True
    return False
