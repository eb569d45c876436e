"""Templates of Azure's device service: what can be taken over is, and their mistakes are told."""

from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from wherry.codec import decode, encode
from wherry.errors import Failure
from wherry_devices.cli import devices
from wherry_devices.commands.iomt import imported
from wherry_devices.mapping.read import read
from wherry_devices.template_files import parsed

SAMPLES = Path(__file__).parents[2] / "../shared/data/devices/iomt-fhir/templates"


def content(type_: str, *values: tuple[str, str], **more: str) -> dict[str, Any]:
    template = {
        "typeName": type_,
        "deviceIdExpression": "$.device",
        "timestampExpression": "$.at",
        "values": [{"valueName": name, "valueExpression": path} for name, path in values],
        **more,
    }
    return {"templateType": "JsonPathContent", "template": template}


def coded(name: str, code: str, unit: str) -> dict[str, Any]:
    return {
        "codes": [{"system": "http://loinc.org", "code": code}],
        "value": {"valueName": name, "unit": unit, "valueType": "Quantity"},
    }


def pair(*components: dict[str, Any], **more: Any) -> tuple[dict[str, Any], dict[str, Any]]:
    """A made-up pair for a blood pressure."""
    device = {
        "templateType": "CollectionContent",
        "template": [
            content("pressure", ("systolic", "$.values.sys"), ("diastolic", "$.values.dia"))
        ],
    }
    target = {"typeName": "pressure", "components": list(components), **more}
    fhir = {
        "templateType": "CollectionFhir",
        "template": [{"templateType": "CodeValueFhir", "template": target}],
    }
    return device, fhir


GOOD = (coded("systolic", "8480-6", "mm[Hg]"), coded("diastolic", "8462-4", "mm[Hg]"))
CATEGORY: dict[str, Any] = {"category": [{"codes": []}]}


def test_a_good_pair_becomes_a_template_that_reads() -> None:
    found = imported(*pair(*GOOD, **CATEGORY), "hub")

    compiled = parsed(found.text, "hub.yaml")
    payload = {"device": "d", "at": "2026-03-01T07:00:00Z", "values": {"sys": 120, "dia": 80}}
    assert [one.kind for one in read(payload, compiled).readings] == ["bp_systolic", "bp_diastolic"]
    assert found.findings == (
        "times without an offset are set aside; the device service took them for UTC",
    )


@pytest.mark.parametrize(
    ("components", "more", "says"),
    [
        ((GOOD[0], coded("diastolic", "8867-4", "mm[Hg]")), CATEGORY,
         "pressure.diastolic: coded as 8867-4 (Heart rate); it is 8462-4"),
        (GOOD, {}, "pressure: no category, so no vital-signs profile holds"),
        (GOOD, {**CATEGORY, "periodInterval": 60},
         "pressure: values of 60 minutes become one, by UTC hours"),
        ((GOOD[0], coded("diastolic", "8480-6", "mm[Hg]")), CATEGORY,
         "pressure: two components have LOINC 8480-6"),
        ((GOOD[0], coded("diastolic", "8462-4", "mmHg")), CATEGORY,
         'pressure.diastolic: "mmHg" is no UCUM unit of it; taken over as mm[Hg]'),
        ((GOOD[0], coded("diastolic", "8462-4", "")), CATEGORY,
         'pressure.diastolic: "" says no unit; one of mm[Hg]'),
        (GOOD[:1], CATEGORY, "pressure.diastolic: the FHIR template has no such value"),
    ],
)  # fmt: skip
def test_a_mistake_of_meaning_is_told(
    components: tuple[dict[str, Any], ...], more: dict[str, Any], says: str
) -> None:
    assert says in imported(*pair(*components, **more), "hub").findings


def test_half_a_blood_pressure_and_paths_that_choose_are_not_taken_over() -> None:
    device, fhir = pair(*GOOD, **CATEGORY)
    values = device["template"][0]["template"]["values"]
    values[1]["valueExpression"] = "$.values[?(@.dia)]"

    found = imported(device, fhir, "hub")

    assert found.text == ""
    assert "pressure.diastolic: this expression cannot be taken over" in found.findings
    assert "nothing is left that could be read" in found.findings


def test_something_else_is_refused() -> None:
    with pytest.raises(Failure):
        imported({"templateType": "CollectionFhir"}, {}, "hub")


def test_the_command_prints_the_template_and_tells_what_is_wrong(tmp_path: Path) -> None:
    paths = []
    for name, data in zip(("device.json", "fhir.json"), pair(*GOOD), strict=True):
        (tmp_path / name).write_bytes(encode(data))
        paths.append(str(tmp_path / name))

    result = CliRunner().invoke(devices, ["import-iomt", "--id", "hub", *paths])

    assert result.exit_code == 1
    assert parsed(result.stdout, "hub.yaml").template.id == "hub"
    assert "no category" in result.stderr


@pytest.mark.skipif(not SAMPLES.exists(), reason="the sample templates are not on this machine")
@pytest.mark.parametrize("name", ["basic", "sandbox", "healthkitOnFhir"])
def test_published_samples_call_the_diastolic_pressure_a_heart_rate(name: str) -> None:
    folder = SAMPLES / name
    device, fhir = (
        decode((folder / one).read_bytes()) for one in ("devicecontent.json", "fhirmapping.json")
    )

    found = imported(device, fhir, name)

    assert any("coded as 8867-4 (Heart rate); it is 8462-4" in one for one in found.findings)
