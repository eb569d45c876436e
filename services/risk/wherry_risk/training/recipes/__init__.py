"""What goes into each model, as tables: data, inputs, features, parameters, tiers and words."""

from collections.abc import Mapping

from wherry_risk.training.recipes.icu import ICU, ICU_FULL
from wherry_risk.training.recipes.readmission import READMISSION
from wherry_risk.training.recipes.recipe import Recipe
from wherry_risk.training.recipes.sepsis import SEPSIS, SEPSIS_VITALS

RECIPES: Mapping[str, Recipe] = {
    one.id: one for one in (ICU, ICU_FULL, SEPSIS, SEPSIS_VITALS, READMISSION)
}
"""By id, in the order in which they are trained."""
