"""Settings reach the models and the worker."""

from datetime import timedelta
from pathlib import Path

import pytest
from pydantic import ValidationError

from wherry_risk.settings import Settings
from wherry_risk.wiring import wire


def test_a_sites_limits_reach_news2(tmp_path: Path) -> None:
    settings = Settings(
        database_url=f"sqlite:///{tmp_path}/wherry.db",
        news2_max_age_min=90,
        news2_window_min=30,
        news2_oxygen_max_age_min=480,
    )

    spec = wire(settings).models["news2"].spec

    ages = {one.name: one.max_age for one in spec.inputs}
    assert (spec.window, ages["pulse"], ages["supplemental-oxygen"]) == (
        timedelta(minutes=30),
        timedelta(minutes=90),
        timedelta(minutes=480),
    )


@pytest.mark.parametrize("name", ["news2_max_age_min", "news2_window_min", "batch", "lease_s"])
def test_limits_of_zero_are_refused(name: str) -> None:
    with pytest.raises(ValidationError):
        Settings.model_validate({name: 0})
