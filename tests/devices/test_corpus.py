"""Every published sample payload ends as readings or as a named reason; none breaks the reader."""

from pathlib import Path

import pytest
from tests.devices.harness import NOW, TEMPLATES

from wherry.codec import decode
from wherry.fhir.check import problems
from wherry_devices.convert import converted
from wherry_devices.mapping.read import read

CORPUS = Path(__file__).parents[2] / "../shared/data/devices"
WITHINGS = sorted(
    path
    for folder in ("withings-*", "shimmer-withings", "synthetic")
    for path in CORPUS.glob(f"{folder}/*.json")
    if folder != "synthetic" or path.stem.startswith("withings")
)
BODIES = {
    "blood-pressure": 2,
    "heart-rate": 1,
    "body-temperature": 1,
    "body-weight": 1,
    "oxygen-saturation": 1,
    "respiratory-rate": 1,
}
POINTS = [
    (name, path, readings)
    for name, readings in BODIES.items()
    for path in sorted(CORPUS.glob(f"openmhealth/{name}/*.json"))
]
# Wrong in fields that are not read: a relation to exercise, the flow of supplemental oxygen.
ELSEWHERE = frozenset({"invalid-pa-value", "invalid-oxygen-unit"})
here = pytest.mark.skipif(not CORPUS.exists(), reason="the sample payloads are not on this machine")


@here
@pytest.mark.parametrize("path", WITHINGS, ids=lambda path: path.stem)
def test_withings_samples_end_as_readings_or_reasons(path: Path) -> None:
    said = converted(path.read_bytes(), TEMPLATES["withings"], "p1", NOW)

    assert "bundle" in said or said["outcome"]["issue"][0]["details"]["text"]
    if "bundle" in said:
        assert problems(said["bundle"]) == []


@here
@pytest.mark.parametrize(
    ("name", "path", "readings"), POINTS, ids=[f"{p[0]}-{p[1].stem}" for p in POINTS]
)
def test_open_mhealth_samples_become_readings_unless_they_are_statistics(
    name: str, path: Path, readings: int
) -> None:
    body = decode(path.read_bytes())
    header = {"id": "1", "user_id": "u", "schema_id": {"name": name}}

    batch = read({"header": header, "body": body}, TEMPLATES["openmhealth"])

    if "descriptive_statistic" in body:
        assert [one.reason for one in batch.withheld] == ["statistic-and-no-reading"]
    else:
        assert (len(batch.readings), batch.withheld) == (readings, ())


@here
@pytest.mark.parametrize("name", BODIES)
def test_open_mhealth_samples_that_should_fail_make_no_reading(name: str) -> None:
    found = []
    for path in sorted(CORPUS.glob(f"openmhealth/{name}/shouldFail/*.json")):
        body = decode(path.read_bytes())
        header = {"id": "1", "user_id": "u", "schema_id": {"name": name}}
        point = {"header": header, "body": body}
        batch = read(point, TEMPLATES["openmhealth"])
        found += [
            (path.stem, one.kind, str(one.value))
            for one in batch.readings
            if path.stem not in ELSEWHERE
        ]

    assert found == []
