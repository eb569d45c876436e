"""User Access Brands. Requirement ids are those of SMART App Launch 2.2 (Rnnn)."""

import json
from pathlib import Path
from typing import Any

import pytest

from wherry.errors import Failure
from wherry.fhir.check import problems
from wherry_ehr.app import create_app
from wherry_ehr.auth.brands import BRAND, brands, identifier_of, read_brand
from wherry_ehr.migrate import upgrade
from wherry_ehr.settings import Settings
from wherry_ehr.wiring import wire

# Every element that the brand's profile marks as must-support. Source: SMART 2.2, user-access-brand
OWN: dict[str, Any] = {
    "resourceType": "Organization",
    "id": "own",
    "extension": [
        {
            "url": "http://hl7.org/fhir/StructureDefinition/organization-brand",
            "extension": [{"url": "brandLogo", "valueUrl": "https://own.example/logo.svg"}],
        },
        {
            "url": "http://hl7.org/fhir/StructureDefinition/organization-portal",
            "extension": [
                {"url": "portalName", "valueString": "Own portal"},
                {"url": "portalUrl", "valueUrl": "https://own.example/portal"},
            ],
        },
    ],
    "identifier": [{"system": "urn:example:brands", "value": "own"}],
    "type": [{"coding": [{"code": "prov"}]}],
    "name": "Own Hospital",
    "alias": ["Own"],
    "telecom": [{"system": "url", "value": "https://own.example"}],
    "address": [{"city": "Owntown"}],
    "partOf": {"display": "Own Group"},
}


def _file(folder: Path, content: Any) -> Path:
    path = folder / "brand.json"
    path.write_text(json.dumps(content))
    return path


def test_every_element_that_the_owner_supplies_is_published(tmp_path: Path) -> None:
    """R402, R403, R421, R436."""
    brand = read_brand(_file(tmp_path, OWN), problems)

    bundle = brands(brand, fhir="http://a/fhir", origin="http://a", own_url="http://a/auth/brands")

    organization, endpoint = (entry["resource"] for entry in bundle["entry"])
    assert {name: organization[name] for name in OWN} == OWN
    assert organization["endpoint"] == [{"reference": "Endpoint/fhir-r4"}]
    assert endpoint["address"] == "http://a/fhir"
    assert identifier_of(brand) == {"system": "urn:example:brands", "value": "own"}
    assert not problems(organization)
    assert not problems(endpoint)


@pytest.mark.parametrize(
    "changes",
    [
        {"resourceType": "Patient"},
        {"identifier": []},
        {"identifier": [{"system": "urn:example:brands"}]},
        {"name": 1},
        {
            "_name": {
                "extension": [
                    {
                        "url": "http://hl7.org/fhir/StructureDefinition/data-absent-reason",
                        "valueCode": "unknown",
                    }
                ]
            }
        },
    ],
)
def test_a_brand_that_cannot_be_published_is_refused_by_file(
    tmp_path: Path, changes: dict[str, Any]
) -> None:
    """R405, R410."""
    with pytest.raises(Failure, match=r"brand\.json"):
        read_brand(_file(tmp_path, {**OWN, **changes}), problems)


@pytest.mark.parametrize("content", ["", "[", "[]"])
def test_a_file_that_is_no_organization_is_refused(tmp_path: Path, content: str) -> None:
    path = tmp_path / "brand.json"
    path.write_text(content)

    with pytest.raises(Failure):
        read_brand(path, problems)
    with pytest.raises(Failure, match="cannot be read"):
        read_brand(tmp_path / "nowhere", problems)


def test_the_built_in_brand_is_valid() -> None:
    assert problems(BRAND) == []


def test_the_settings_name_the_file_and_the_server_publishes_it(
    tmp_path: Path, sqlite_url: str
) -> None:
    upgrade(sqlite_url)
    made = wire(Settings(database_url=sqlite_url, brand=str(_file(tmp_path, OWN)), smart_url=""))
    client = create_app(made).test_client()

    named = client.get("/fhir/.well-known/smart-configuration").get_json()
    answer = client.get("/auth/brands")
    again = client.get("/auth/brands", headers={"If-None-Match": answer.headers["ETag"]})
    made.store.close()

    assert named["user_access_brand_identifier"] == identifier_of(OWN)
    assert answer.get_json()["entry"][0]["resource"]["name"] == "Own Hospital"
    assert again.status_code == 304
