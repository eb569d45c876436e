"""The `Fhir` contract, on the fake and over HTTP on the sandbox EHR. All resources are made up."""

from typing import Any

import pytest

from wherry.errors import Failure, Kind
from wherry.ports import Fhir
from wherry.resource import Bundle, Resource

TOKEN = "made-up-secret"
PATIENT_1 = "urn:uuid:00000000-0000-4000-8000-000000000001"


def _patient(value: str = "1", **more: Any) -> Resource:
    return {
        "resourceType": "Patient",
        "identifier": [{"system": "urn:example:mrn", "value": value}],
        **more,
    }


def _observation(value: str, when: str, **more: Any) -> Resource:
    return {
        "resourceType": "Observation",
        "identifier": [{"system": "urn:example:observation", "value": value}],
        "status": "final",
        "code": {"coding": [{"system": "http://loinc.org", "code": "8867-4"}]},
        "effectiveDateTime": when,
        **more,
    }


def _entry(method: str, url: str, resource: Resource | None = None, **more: Any) -> Any:
    request = {"method": method, "url": url}
    for name in ("ifMatch", "ifNoneExist"):
        if name in more:
            request[name] = more.pop(name)
    body = {} if resource is None else {"resource": resource}
    return {**body, **more, "request": request}


def _bundle(type_: str, *entries: Any) -> Bundle:
    return {"resourceType": "Bundle", "type": type_, "entry": list(entries)}


def _responses(bundle: Bundle) -> list[tuple[str, str]]:
    told = [entry["response"] for entry in bundle["entry"]]
    return [(one["status"][:3], one.get("etag", "")) for one in told]


def _ids(resources: list[Resource]) -> list[str]:
    return [resource["identifier"][0]["value"] for resource in resources]


def test_what_is_created_can_be_read(fhir: Fhir) -> None:
    id_ = fhir.create(_patient())

    read = fhir.read("Patient", id_)

    assert (read["id"], read["meta"]["versionId"]) == (id_, "1")
    assert {key: read[key] for key in _patient()} == _patient()


def test_what_is_not_there_is_not_found(fhir: Fhir) -> None:
    with pytest.raises(Failure) as caught:
        fhir.read("Patient", "nobody")

    assert caught.value.kind is Kind.NOT_FOUND


def test_what_was_deleted_is_gone_until_it_is_written_again(fhir: Fhir) -> None:
    id_ = fhir.create(_patient())
    request = {"method": "DELETE", "url": f"Patient/{id_}"}
    told = fhir.send(_bundle("transaction", {"request": request}))

    with pytest.raises(Failure) as caught:
        fhir.read("Patient", id_)

    assert _responses(told)[0][0] == "204"
    assert caught.value.kind is Kind.GONE
    body = {**_patient(), "id": id_}
    again = {"request": {"method": "PUT", "url": f"Patient/{id_}"}, "resource": body}
    fhir.send(_bundle("transaction", again))
    assert fhir.read("Patient", id_)["id"] == id_


def test_searches_narrow_sort_and_limit(fhir: Fhir) -> None:
    id_ = fhir.create(_patient())
    for n in range(5):
        about = {"subject": {"reference": f"Patient/{id_}"}} if n else {}
        fhir.create(_observation(str(n), f"2024-03-0{n + 1}T08:00:00Z", **about))

    def search(limit: int = 1000, **params: str) -> list[str]:
        return _ids(fhir.search("Observation", {"_sort": "-date", **params}, limit=limit))

    assert search(patient=id_) == ["4", "3", "2", "1"]
    assert search(patient=id_, _count="2") == ["4", "3", "2", "1"]  # two pages of them
    assert search(patient=f"Patient/{id_}", date="ge2024-03-04") == ["4", "3"]
    assert search(patient=id_, limit=3) == ["4", "3", "2"]
    assert search(code="http://loinc.org|8867-4,x|y", date="le2024-03-02") == ["1", "0"]
    assert search(identifier="urn:example:observation|0,urn:example:observation|3") == [
        "3",
        "0",
    ]
    assert search(patient="nobody") == []


def test_a_search_between_two_times_and_by_what_it_was_derived_from(fhir: Fhir) -> None:
    first = fhir.create(_observation("0", "2024-03-01T08:00:00Z"))
    for n in range(1, 5):
        source = {"derivedFrom": [{"reference": f"Observation/{first}"}]} if n == 3 else {}
        fhir.create(_observation(str(n), f"2024-03-0{n + 1}T08:00:00Z", **source))

    between = {"date": ["ge2024-03-02T00:00:00Z", "lt2024-03-04T00:00:00Z"], "_sort": "date"}

    assert _ids(fhir.search("Observation", between)) == ["1", "2"]
    assert _ids(
        fhir.search("Observation", {"derived-from": f"Observation/{first},Observation/none"})
    ) == ["3"]


def test_a_search_by_identifier_systems_alone(fhir: Fhir) -> None:
    fhir.create(_observation("0", "2024-03-01T08:00:00Z"))
    other = _observation("1", "2024-03-02T08:00:00Z")
    other["identifier"][0]["system"] = "urn:example:withings:reading"
    fhir.create(other)

    asked = {"identifier": "urn:example:withings:reading|,urn:example:dexcom:reading|"}

    assert _ids(fhir.search("Observation", asked)) == ["1"]


def test_an_unknown_parameter_is_refused(fhir: Fhir) -> None:
    with pytest.raises(Failure) as caught:
        fhir.search("Patient", {"colour": "red"})

    assert caught.value.kind is Kind.UNPROCESSABLE


def test_a_transaction_links_and_a_resend_changes_nothing(fhir: Fhir) -> None:
    entries = (
        _entry("PUT", "Patient?identifier=urn:example:mrn|1", _patient(), fullUrl=PATIENT_1),
        _entry(
            "PUT",
            "Observation?identifier=urn:example:observation|1",
            _observation("1", "2024-03-01T08:00:00Z", subject={"reference": PATIENT_1}),
        ),
    )

    first = fhir.send(_bundle("transaction", *entries))
    again = fhir.send(_bundle("transaction", *entries))

    assert first["type"] == "transaction-response"
    assert _responses(first) == [("201", 'W/"1"'), ("201", 'W/"1"')]
    assert _responses(again) == [("200", 'W/"1"'), ("200", 'W/"1"')]
    location = first["entry"][0]["response"]["location"].rsplit("Patient/", 1)[1]
    patient_id = location.partition("/")[0]
    assert _ids(fhir.search("Observation", {"patient": patient_id})) == ["1"]


def test_a_transaction_is_all_or_nothing(fhir: Fhir) -> None:
    id_ = fhir.create(_patient())

    with pytest.raises(Failure) as caught:
        fhir.send(
            _bundle(
                "transaction",
                _entry("POST", "Patient", _patient("2")),
                _entry("PUT", f"Patient/{id_}", _patient("3", id=id_), ifMatch='W/"9"'),
            )
        )

    assert caught.value.kind is Kind.STALE
    assert _ids(fhir.search("Patient", {})) == ["1"]


def test_if_match_and_if_none_exist(fhir: Fhir) -> None:
    id_ = fhir.create(_patient())
    condition = "identifier=urn:example:mrn|1"

    answer = fhir.send(
        _bundle(
            "transaction",
            _entry("POST", "Patient", _patient("2"), ifNoneExist="identifier=urn:example:mrn|2"),
            _entry("PUT", f"Patient/{id_}", _patient(id=id_, active=True), ifMatch='W/"1"'),
        )
    )
    kept = fhir.send(
        _bundle("transaction", _entry("POST", "Patient", _patient(), ifNoneExist=condition))
    )

    assert _responses(answer) == [("201", 'W/"1"'), ("200", 'W/"2"')]
    assert _responses(kept) == [("200", 'W/"2"')]
    assert fhir.read("Patient", id_)["active"] is True


def test_two_entries_may_not_mean_the_same_resource(fhir: Fhir) -> None:
    entry = _entry("PUT", "Patient/p", _patient(id="p"))

    with pytest.raises(Failure) as caught:
        fhir.send(_bundle("transaction", entry, entry))

    assert caught.value.kind is Kind.UNPROCESSABLE
    assert fhir.search("Patient", {}) == []


def test_a_batch_answers_each_entry(fhir: Fhir) -> None:
    id_ = fhir.create(_patient())

    answer = fhir.send(
        _bundle(
            "batch",
            _entry("GET", "Patient?identifier=urn:example:mrn%7C1,urn:example:mrn%7C2"),
            _entry("GET", "Patient?identifier=urn:example:mrn|2"),
            _entry("GET", f"Patient/{id_}"),
            _entry("GET", "Patient/nobody"),
            _entry("GET", f"Patient?_id={id_},nobody"),
        )
    )

    assert [one["response"]["status"][:3] for one in answer["entry"]] == [
        *("200", "200", "200", "404", "200")
    ]
    found = [
        [inner["resource"]["id"] for inner in one["resource"].get("entry", [])]
        for one in answer["entry"]
        if one.get("resource", {}).get("resourceType") == "Bundle"
    ]
    assert found == [[id_], [], [id_]]


def test_ping_returns_when_the_server_answers(fhir: Fhir) -> None:
    fhir.ping()
