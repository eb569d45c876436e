"""Every published sample payload ends as readings or as a named reason; none breaks the reader."""

from pathlib import Path

import pytest
from tests.devices.harness import NOW, TEMPLATES

from wherry.codec import decode
from wherry.fhir.check import problems
from wherry_devices.commands.convert import told
from wherry_devices.mapping.instants import Site

CORPUS = Path(__file__).parents[2] / "../shared/data/devices"
FILES = sorted(
    path
    for path in CORPUS.glob("**/*")
    if path.suffix in {".json", ".xml", ".hl7"} or path.name.endswith("notify.txt")
)
SITE = Site("America/New_York", account="somebody")
# Not payloads: templates and tables of other systems, frames with what is expected of them.
NO_PAYLOADS = ("iomt-fhir", "healthkitonfhir", "ble-vectors")
BODIES = {
    "blood-pressure": 2,
    "blood-glucose": 1,
    "heart-rate": 1,
    "body-temperature": 1,
    "body-weight": 1,
    "oxygen-saturation": 1,
    "respiratory-rate": 1,
}
# Wrong in fields that are not read: a relation to exercise, the flow of supplemental oxygen.
ELSEWHERE = frozenset({"invalid-pa-value", "invalid-oxygen-unit"})
# What must come out of the samples that were made to mislead: source and readings.
TRAPS = {
    "apple_export_sample.xml": ("apple-export", 6),
    "dexcom_v3_egvs.json": ("dexcom", 3),
    "google_health_datapoint.json": ("google-health", 1),
    "omron_us_bp.json": ("omron", 3),
    "smartmeter_readings.json": ("smartmeter", 4),
    "tenovi_hwi_measurement.json": ("tenovi", 2),
    "withings_getmeas_bp.json": ("withings", 3),
    "ihealth-bp.json": ("ihealth", 6),
    "ihealth-weight.json": ("ihealth", 2),
    "ihealth-glucose.json": ("ihealth", 2),
    "ihealth-spo2.json": ("ihealth", 4),
}
here = pytest.mark.skipif(not CORPUS.exists(), reason="the sample payloads are not on this machine")


@here
@pytest.mark.parametrize("path", FILES, ids=lambda path: f"{path.parent.name}-{path.name}")
def test_every_sample_ends_as_readings_or_a_named_reason(path: Path) -> None:
    said = told(path.read_bytes(), TEMPLATES, named=None, patient="p1", received_at=NOW, site=SITE)

    for one in said["dropped"]:
        assert one["reason"]
    if "bundle" in said:
        assert said["readings"]
        assert problems(said["bundle"]) == []
    else:
        [issue] = said["outcome"]["issue"]
        assert issue["code"] != "exception"
        assert issue["details"]["text"]


@here
@pytest.mark.parametrize("name", TRAPS)
def test_samples_that_mislead_are_read_as_they_are_meant(name: str) -> None:
    [path] = [one for one in FILES if one.name == name]

    said = told(path.read_bytes(), TEMPLATES, named=None, patient="p1", received_at=NOW, site=SITE)

    assert (said["template"], len(said["readings"])) == TRAPS[name]


@here
def test_what_nobody_recognises_is_no_payload_of_readings() -> None:
    unknown = {
        path.parent.name
        for path in FILES
        if not any(folder in path.parts for folder in NO_PAYLOADS)
        and "template"
        not in told(
            path.read_bytes(), TEMPLATES, named=None, patient="", received_at=NOW, site=SITE
        )
    }

    # Messages of monitors, empty documents, and answers of Withings without any measurement.
    assert unknown <= {"synthetic", "shouldFail", "withings-aiowithings"}


@here
@pytest.mark.parametrize("name", BODIES)
def test_open_mhealth_samples_become_readings_unless_they_are_statistics(name: str) -> None:
    for path in sorted(CORPUS.glob(f"openmhealth/{name}/*.json")):
        said = told(
            path.read_bytes(), TEMPLATES, named=None, patient="", received_at=NOW, site=SITE
        )
        if "descriptive_statistic" in decode(path.read_bytes()):
            assert [one["reason"] for one in said["dropped"]] == ["statistic-and-no-reading"]
        else:
            assert (len(said["readings"]), said["dropped"]) == (BODIES[name], [])


@here
@pytest.mark.parametrize("name", BODIES)
def test_open_mhealth_samples_that_should_fail_make_no_reading(name: str) -> None:
    found = []
    for path in sorted(CORPUS.glob(f"openmhealth/{name}/shouldFail/*.json")):
        said = told(
            path.read_bytes(), TEMPLATES, named=None, patient="", received_at=NOW, site=SITE
        )
        if path.stem not in ELSEWHERE:
            found += [(path.stem, one["kind"]) for one in said["readings"]]

    assert found == []
