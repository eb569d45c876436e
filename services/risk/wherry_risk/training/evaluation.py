"""A trained graph and its data become evaluation.json: figures, comparisons, groups, gaps."""

from collections.abc import Mapping
from typing import Any

import numpy as np

from wherry_risk.onnx.session import Session
from wherry_risk.training.assemble import Names, Scores, Table
from wherry_risk.training.boost import Fitted, without
from wherry_risk.training.figures import (
    Figures,
    brief,
    by_group,
    calibration_curve,
    figures,
    points,
)
from wherry_risk.training.measuring import answering, probabilities
from wherry_risk.training.parts import Parts, groups_of, some_of
from wherry_risk.training.recipes.recipe import Recipe

GAP_ROWS = 40_000
EXTERNAL_GROUPS = ("sex", "ethnicity")


def evaluation(
    recipe: Recipe,
    parts: Parts,
    session: Session,
    fits: tuple[Fitted, Fitted],
    external: Mapping[str, Table],
) -> dict[str, Any]:
    """Everything that evaluation.json holds; the test part was used for nothing else.

    `fits`: trained plainly, and with panels away.
    """
    test = parts.test
    p = probabilities(session, test.rows)
    return {
        "parts": parts.counts(),
        "test": {
            **_measured(recipe, test, session),
            "thresholds": points(test.outcome, p, [tier.value for tier in recipe.tiers]),
        },
        "comparators": _comparators(test),
        "gaps": _gaps(recipe, test, fits),
        "subgroups": by_group(test.outcome, p, groups_of(recipe, test, recipe.groups)),
        "tried": [{"what": what, "found": found} for what, found in recipe.tried],
        "external": {
            name: {
                **_measured(recipe, table, session),
                "comparators": _comparators(table),
                "subgroups": by_group(
                    table.outcome,
                    probabilities(session, table.rows),
                    groups_of(recipe, table, EXTERNAL_GROUPS),
                ),
            }
            for name, table in external.items()
        },
    }


def _measured(recipe: Recipe, table: Table, session: Session) -> dict[str, Any]:
    p = probabilities(session, table.rows)
    alarm = recipe.tiers[1].value if recipe.alarm else None
    answered = answering(recipe.inputs, recipe.features, recipe.gates, table.rows)
    return {
        "figures": figures(table.outcome, p, table.person, alarm=alarm),
        "answered": brief(table.outcome[answered], p[answered]),
        "calibration_curve": calibration_curve(table.outcome, p),
    }


def _comparators(table: Table) -> dict[str, Figures]:
    scores = {"news2": table.news2} | {
        name: _numbers(table.about[name]) for name in ("saps", "sofa") if name in table.about
    }
    told = {}
    for name, score in scores.items():
        known = ~np.isnan(score)
        if known.any():
            told[name] = figures(
                table.outcome[known], score[known], table.person[known], probability=False
            )
    return told


def _numbers(texts: Names) -> Scores:
    return np.array([float(text) if text else np.nan for text in texts.tolist()])


def _gaps(recipe: Recipe, test: Table, fits: tuple[Fitted, Fitted]) -> dict[str, Any]:
    """What it costs when inputs are away: of plain training, and of training as shipped."""
    told = {}
    test = some_of(test, GAP_ROWS, salt=recipe.salt)
    for name, inputs in recipe.gaps.items():
        rows = without(test.rows, recipe.columns(*inputs)) if inputs else test.rows
        told[name] = {
            label: brief(test.outcome, fit.probability(rows))
            for label, fit in zip(("before", "after"), fits, strict=True)
        }
    return told
