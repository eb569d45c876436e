"""Who made a RiskAssessment and from what is stored with it, under ids that repeats find."""

from dataclasses import replace
from typing import Any

import pytest
from fhir.resources.R4B.device import Device
from fhir.resources.R4B.provenance import Provenance

from wherry.codec import encode
from wherry.resource import Entry
from wherry.testing.fhir import FakeFhir
from wherry_risk.model.interface import Score
from wherry_risk.model.judgement import Judged, judge
from wherry_risk.model.provenance import RECORD, device_of, stored_with_provenance
from wherry_risk.model.record import record
from wherry_risk.model.risk_assessment import risk_assessment

RECORDED = "2026-03-01T12:00:01+00:00"


@pytest.fixture
def judged(make: Any, models: Any) -> Any:
    def made(model: str) -> Judged:
        return judge(models[model], record([*make.icu(), *make.normal()[1:]]), at=make.at)

    return made


def parts(judged: Judged) -> tuple[Entry, Entry, Entry]:
    assert isinstance(judged.verdict, Score)
    made = risk_assessment(judged, judged.verdict)
    bundle = stored_with_provenance(made, judged.spec, record_id="r-1", recorded=RECORDED)
    device, assessment, provenance = bundle["entry"]
    return device, assessment, provenance


def test_all_three_are_valid_r4_and_stored_by_ids_that_repeats_find(judged: Any) -> None:
    device, assessment, provenance = parts(judged("icu-mortality-24h"))

    Device.model_validate_json(encode(device["resource"]))
    Provenance.model_validate_json(encode(provenance["resource"]))
    urls = [each["request"]["url"] for each in (device, assessment, provenance)]
    assert urls[0] == f"Device/{device['resource']['id']}"
    assert urls[1].startswith("RiskAssessment?identifier=urn:wherry:risk:assessment%7C")
    assert urls[2] == f"Provenance/{provenance['resource']['id']}"


def test_the_agent_is_the_model_by_version_and_manifest(judged: Any) -> None:
    one = judged("icu-mortality-24h")
    device, _, provenance = parts(one)

    said = {each["type"]["text"]: each["value"] for each in device["resource"]["version"]}
    assert said == {"model version": one.spec.version, "manifest SHA-256": one.spec.sha256}
    assert len(one.spec.sha256) == 64
    (agent,) = provenance["resource"]["agent"]
    assert agent["who"]["reference"] == device["fullUrl"]
    assert device["resource"]["type"]["coding"][0]["code"] == "Artificial-Intelligence"


def test_the_entities_are_the_observations_and_the_record(judged: Any) -> None:
    _, assessment, provenance = parts(judged("icu-mortality-24h"))

    *sources, kept = [each["what"] for each in provenance["resource"]["entity"]]
    assert sources == assessment["resource"]["basis"]
    assert kept["identifier"] == {"system": RECORD, "value": "r-1"}
    assert provenance["resource"]["target"] == [{"reference": assessment["fullUrl"]}]
    assert provenance["resource"]["recorded"] == RECORDED


@pytest.mark.parametrize(("model", "labelled"), [("icu-mortality-24h", True), ("news2", False)])
def test_only_what_an_ai_made_is_labelled_so(model: str, labelled: bool, judged: Any) -> None:
    device, _, provenance = parts(judged(model))

    security = [each["code"] for each in provenance["resource"]["meta"].get("security", [])]
    assert security == (["AIAST"] if labelled else [])
    assert ("coding" in device["resource"]["type"]) == labelled
    assert ("reason" in provenance["resource"]) == labelled


def test_sent_twice_nothing_gets_a_second_version(judged: Any) -> None:
    one = judged("icu-mortality-24h")
    made = risk_assessment(one, one.verdict)
    bundle = stored_with_provenance(made, one.spec, record_id="r-1", recorded=RECORDED)
    fhir = FakeFhir()

    for _ in range(2):
        fhir.send(bundle)

    assert {key[0]: len(kept) for key, kept in fhir.versions.items()} == {
        "Device": 1,
        "RiskAssessment": 1,
        "Provenance": 1,
    }
    (provenance,), (stored,) = fhir.all("Provenance"), fhir.all("RiskAssessment")
    assert provenance["target"] == [{"reference": f"RiskAssessment/{stored['id']}"}]


def test_another_manifest_is_another_device(judged: Any) -> None:
    spec = judged("icu-mortality-24h").spec

    assert device_of(spec)["id"] != device_of(replace(spec, sha256="0" * 64))["id"]
