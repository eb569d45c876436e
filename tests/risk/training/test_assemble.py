"""Training and serving make the same row of the same values."""

import math
from typing import Any

import pytest

from wherry_risk.model.facts import facts
from wherry_risk.model.record import record
from wherry_risk.onnx.load import PACKAGES, load
from wherry_risk.training.assemble import assemble, rows_of
from wherry_risk.training.recipe import FEATURES, NAMES

HOUR = 60.0


def value(name: str, *series: tuple[float, float]) -> float:
    return assemble(FEATURES, {name: list(series)})[NAMES.index(name)]


@pytest.mark.parametrize(
    ("name", "series", "expected"),
    [
        ("heart-rate", [(30, 80), (600, 141), (900, 52)], 141),  # farthest from 75
        ("heart-rate", [(30, 110), (60, 40)], 110),  # equally far: the newest of equals
        ("heart-rate", [(30, 105), (60, 45)], 105),
        ("gcs", [(30, 14), (700, 7)], 7),
        ("fio2", [(30, 40), (700, 100)], 100),
        ("pao2", [(30, 90), (700, 58)], 58),
        ("urine-24h", [(0, 900), (1000, 300)], 900),
        ("heart-rate", [(30, 80), (25 * HOUR, 190)], 80),  # outside of the window
        ("heart-rate", [(30, 80), (31, 999)], 80),  # implausible
    ],
)
def test_the_value_that_counts(
    name: str, series: list[tuple[float, float]], expected: float
) -> None:
    assert value(name, *series) == expected


@pytest.mark.parametrize(
    ("name", "series"),
    [
        ("heart-rate", []),
        ("heart-rate", [(4 * HOUR + 1, 80)]),
        ("gcs", [(12 * HOUR + 1, 15)]),
        ("arterial-ph", [(30, 731)]),
        ("age", [(0, 17)]),
    ],
)
def test_nothing_counts(name: str, series: list[tuple[float, float]]) -> None:
    assert math.isnan(value(name, *series))


def test_rows_are_what_the_graph_takes() -> None:
    rows = rows_of(FEATURES, [{}, {"age": [(0.0, 70.0)]}])

    assert (str(rows.dtype), rows.shape) == ("float32", (2, 20))


def test_serving_makes_the_row_that_training_would(make: Any) -> None:
    model = load(PACKAGES / "icu-mortality-24h" / "0.1.0")
    resources = [
        *make.icu(),
        *(
            make.measured("8867-4", value, "/min", age_min=m)
            for value, m in (("51", 90), ("140", 700))
        ),
        make.measured("2160-0", "400", "umol/L", age_min=300),
        make.measured("20112-9", "450", "mL", age_min=100),
        make.measured("6690-2", "0.01", "10*3/uL", age_min=1),
    ]
    known = facts(model.spec, record(resources), at=make.at)
    series = {
        name: [
            ((make.at - one.observed_at).total_seconds() / 60, float(one.value)) for one in found
        ]
        for name, found in known.series.items()
    }
    series["age"] = [(0.0, float(known.used["age"].value))]

    row = assemble(model.manifest.features, series)

    served = [known.used.get(feature.name) for feature in model.manifest.features]
    assert [None if math.isnan(x) else x for x in row] == [
        None if one is None else float(one.value) for one in served
    ]
    assert row[NAMES.index("heart-rate")] == 140


def test_the_manifest_declares_the_features_of_the_recipe() -> None:
    told = load(PACKAGES / "icu-mortality-24h" / "0.1.0").manifest.features

    assert [(f.name, f.loinc, f.ucum, f.plausible, f.aggregate) for f in told] == [
        (f.name, f.loinc, f.ucum, f.plausible, f.aggregate) for f in FEATURES
    ]
