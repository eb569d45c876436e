"""A narrow scope is enforced alike in SQL and on a resource at hand. Ids are those of SMART 2.2."""

from typing import Any

import pytest
from tests.ehr.auth.apps import launched, public_app
from tests.ehr.auth.driver import ids_of

LOINC = "http://loinc.org"
VALUES: list[dict[str, Any]] = [
    {"code": {"coding": [{"system": LOINC, "code": "8867-4"}]}},
    {"code": {"coding": [{"code": "8867-4"}, {"system": LOINC, "code": "1-1"}]}},
    {"code": {"text": "no code"}, "status": "amended"},
    {"category": [{"coding": [{"system": "urn:c", "code": "a"}]}]},
    {"category": [{"coding": [{"code": "a"}]}, {"coding": [{"system": "urn:c", "code": "b"}]}]},
    {"identifier": [{"system": "urn:i", "value": "1"}, {"value": "2"}]},
    {"effectiveDateTime": "2026-03-01"},
    {"effectivePeriod": {"start": "2026-02-28T10:00:00Z", "end": "2026-03-02T10:00:00Z"}},
    {"encounter": {"reference": "Encounter/e-1"}},
    {"derivedFrom": [{"reference": "Observation/v-0"}, {"reference": "Observation/v-1"}]},
]
QUERIES = [
    "code=8867-4",
    f"code={LOINC}|8867-4",
    "code=|8867-4",
    f"code={LOINC}|",
    "status=amended",
    "status=final,amended",
    "category=a",
    "category=urn:c|a",
    "category=|a",
    "category=urn:c|",
    "category=a&category=urn:c|b",
    "identifier=urn:i|1",
    "identifier=2",
    "date=2026-03-01",
    "date=ge2026-03",
    "date=lt2026-03-01",
    "date=ne2026-03-01",
    "date=sa2026-02",
    "date=eb2026-03-03",
    "encounter=e-1",
    "encounter=Encounter/e-1",
    "derived-from=Observation/v-1",
    "patient=p-1",
    "subject=Patient/p-2",
    "_id=v-3,v-4",
    "status=final&category=a",
]  # fmt: skip


@pytest.fixture
def values(smart: Any) -> Any:
    smart.put(
        *(
            {
                "resourceType": "Observation",
                "id": f"v-{n}",
                "status": "final",
                "code": {"text": "made up"},
                "subject": {"reference": "Patient/p-1"},
                **value,
            }
            for n, value in enumerate(VALUES)
        )
    )
    return smart


@pytest.mark.parametrize("query", QUERIES)
def test_what_a_narrow_scope_finds_is_what_it_reads(values: Any, query: str) -> None:
    """R95, R132, R136: and it is what the same search finds without the scope."""
    client = public_app(values)
    scope = f"launch patient/Observation.rs?{query}"

    body = launched(values, client, scope).get_json()
    token = body["access_token"]
    found = set(ids_of(values.fhir(token, "Observation?_count=100")))
    read = {
        f"v-{n}"
        for n in range(len(VALUES))
        if values.fhir(token, f"Observation/v-{n}").status_code == 200
    }
    service = {"Authorization": "Bearer made-up-service-secret"}
    free = values.client.get(f"/fhir/Observation?_count=100&patient=p-1&{query}", headers=service)

    assert body["scope"] == scope
    assert found - {"o-1"} == read
    assert found == set(ids_of(free))
