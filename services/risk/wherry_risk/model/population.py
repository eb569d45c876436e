"""Facts about a person become a refusal when the model is not for such people."""

from wherry_risk.model.facts import Facts
from wherry_risk.model.interface import Refusal, RefusalCode
from wherry_risk.model.spec import ModelSpec


def outside(spec: ModelSpec, facts: Facts, *, called: str) -> Refusal | None:
    """Why this person is none of those whom the model is for; `called` is its name in the text."""
    least = spec.min_age_years
    if facts.deceased:
        text = "The patient is recorded as deceased."
    elif facts.age_years is None:
        text = f"{called} is for people of {least} and over; no usable birth date is recorded."
    elif facts.age_years < least:
        text = f"{called} is not for people under {least}."
    else:
        return None
    return Refusal(RefusalCode.OUT_OF_POPULATION, text)
