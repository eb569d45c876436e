"""What a token shows is about its patient. Ids are those of SMART App Launch 2.2 (Rnnn)."""

from typing import Any

import pytest
from tests.ehr.auth.driver import ids_of, pulse, second_token

ALL = "launch patient/*.rs"


@pytest.mark.parametrize(
    "path",
    [
        "Patient/p-2",
        "Patient/p-2/_history/1",
        "Observation/o-2",
        "Observation/o-2/_history/1",
        "Patient/nobody",
    ],
)
def test_another_patients_resources_are_not_even_said_to_exist(smart: Any, path: str) -> None:
    """R95, R136."""
    answers = [smart.fhir(second_token(smart, ALL), each) for each in (path, "Patient/nobody")]

    assert [one.status_code for one in answers] == [404, 404]


@pytest.mark.parametrize(
    ("path", "ids"),
    [
        ("Patient", ["p-1"]),
        ("Patient?_id=p-1,p-2", ["p-1"]),
        ("Patient?_id=p-2", []),
        ("Observation", ["o-1"]),
        ("Observation?patient=p-2", []),
        ("Observation?subject=Patient/p-2", []),
        ("Observation?_id=o-2", []),
        ("Observation?patient=p-1,p-2", ["o-1"]),
        ("Encounter", ["e-1"]),
    ],
)
@pytest.mark.parametrize("method", ["GET", "POST"])
def test_a_search_stays_with_the_patient(
    smart: Any, path: str, ids: list[str], method: str
) -> None:
    """R95, R136, also by POST _search."""
    token = second_token(smart, ALL)
    type_, _, params = path.partition("?")

    if method == "GET":
        answer = smart.fhir(token, path)
    else:
        form = {"data": params, "content_type": "application/x-www-form-urlencoded"}
        answer = smart.fhir(token, f"{type_}/_search", method="POST", **form)

    assert ids_of(answer) == ids
    assert answer.get_json()["total"] == len(ids)


def test_the_pages_of_somebody_elses_search_stay_with_the_patient(smart: Any) -> None:
    """R95, R136: a page token that leaked shows nothing more."""
    smart.put(*(pulse(f"x-{n}", "p-2") for n in range(3)), pulse("o-3", "p-1"))
    service = smart.client.get(
        "/fhir/Observation?_count=1&_sort=_id",
        headers={"Authorization": "Bearer made-up-service-secret"},
    )
    link = {one["relation"]: one["url"] for one in service.get_json()["link"]}["next"]

    seen = []
    token = second_token(smart, ALL)
    for _ in range(9):
        page = smart.fhir(token, link.partition("/fhir/")[2])
        seen += ids_of(page)
        link = {one["relation"]: one["url"] for one in page.get_json()["link"]}.get("next", "")
        if not link:
            break

    assert seen == ["o-3"]


def _provenance(id_: str, *targets: str) -> dict[str, Any]:
    return {
        "resourceType": "Provenance",
        "id": id_,
        "target": [{"reference": target} for target in targets],
        "recorded": "2026-03-01T12:00:00Z",
        "agent": [{"who": {"display": "Made up"}}],
    }


def test_where_a_value_came_from_belongs_to_the_value(smart: Any) -> None:
    """R136: a Provenance is seen with what it is about, and with nothing of others."""
    smart.put(
        _provenance("v-1", "Observation/o-1"),
        _provenance("v-2", "Observation/o-2"),
        _provenance("v-3", "Patient/p-1", "Observation/o-1"),
    )
    token = second_token(smart, ALL)

    def found(query: str) -> list[str]:
        return ids_of(smart.fhir(token, f"Provenance?{query}_sort=_id"))

    assert found("") == ["v-3"]
    assert found("target=Observation/o-1&") == ["v-1", "v-3"]
    assert found("target=Observation/o-2&") == []
    assert found("target=Observation/o-1,Observation/o-2&") == ["v-3"]
    assert smart.fhir(token, "Provenance/v-1").status_code == 200
    assert smart.fhir(token, "Provenance/v-2").status_code == 404


def test_an_old_version_of_another_patient_is_not_shown(smart: Any) -> None:
    """R95, R136: a value that was moved to this patient keeps its earlier life to itself."""
    smart.put(pulse("o-2", "p-1"))
    token = second_token(smart, ALL)

    statuses = [
        smart.fhir(token, f"Observation/o-2{version}").status_code
        for version in ("", "/_history/2", "/_history/1")
    ]

    assert statuses == [200, 200, 404]


def test_a_device_belongs_to_its_patient(smart: Any) -> None:
    """Device has no place in R4's compartment; here Device.patient gives it one."""
    device = {"resourceType": "Device", "id": "d-1", "patient": {"reference": "Patient/p-1"}}
    smart.put(device, {"resourceType": "Device", "id": "d-2"})
    token = second_token(smart, ALL)

    assert ids_of(smart.fhir(token, "Device")) == ["d-1"]
    assert smart.fhir(token, "Device/d-2").status_code == 404
