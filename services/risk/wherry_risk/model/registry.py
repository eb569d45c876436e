"""The models of this service, by id."""

from datetime import timedelta
from types import MappingProxyType

from wherry_risk.model.bedside_scores import SCORES
from wherry_risk.model.interface import Registry
from wherry_risk.model.news2 import News2
from wherry_risk.model.news2_spec import MAX_AGE, OXYGEN_MAX_AGE, WINDOW, news2_spec


def registry(
    *,
    max_age: timedelta = MAX_AGE,
    window: timedelta = WINDOW,
    oxygen_max_age: timedelta = OXYGEN_MAX_AGE,
    self_entered: bool = False,
) -> Registry:
    """All models, with a site's own limits for NEWS2."""
    news2 = News2(
        news2_spec(
            max_age=max_age,
            window=window,
            oxygen_max_age=oxygen_max_age,
            self_entered=self_entered,
        )
    )
    return MappingProxyType({one.spec.id: one for one in (news2, *SCORES)})
