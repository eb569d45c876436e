"""Settings become the published scores with this site's limits."""

from datetime import timedelta

from wherry_risk.model.interface import Registry
from wherry_risk.model.registry import registry
from wherry_risk.settings import Settings


def scores_of(settings: Settings) -> Registry:
    """The published scores with this site's limits."""
    return registry(
        max_age=timedelta(minutes=settings.news2_max_age_min),
        window=timedelta(minutes=settings.news2_window_min),
        oxygen_max_age=timedelta(minutes=settings.news2_oxygen_max_age_min),
        self_entered=settings.news2_self_entered,
    )
