"""The models of this service, by id."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import timedelta
from hashlib import sha256
from types import MappingProxyType

import msgspec

from wherry_risk.model.bedside_scores import SCORES
from wherry_risk.model.interface import Model, Registry
from wherry_risk.model.news2 import News2
from wherry_risk.model.news2_spec import MAX_AGE, OXYGEN_MAX_AGE, WINDOW, news2_spec
from wherry_risk.model.points import Points
from wherry_risk.model.spec import ModelSpec


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
    return MappingProxyType({one.spec.id: _stamped(one) for one in (news2, *SCORES)})


def _stamped(model: News2 | Points) -> Model:
    return replace(model, spec=replace(model.spec, sha256=fingerprint(model.spec)))


def fingerprint(spec: ModelSpec) -> str:
    """The SHA-256 of everything that a spec says, so that a site's own limits show."""
    plain = replace(spec, sha256="")
    return sha256(msgspec.json.encode(plain, enc_hook=_mapping, order="sorted")).hexdigest()


def _mapping(value: object) -> object:
    if isinstance(value, Mapping):
        return dict(value)
    raise NotImplementedError(type(value).__name__)
