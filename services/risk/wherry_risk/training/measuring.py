"""A package and data become the figures that `wherry risk evaluate` prints, and those it states."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np

from wherry.errors import Failure, Kind
from wherry_risk.onnx.manifest import Feature, Gate, Input, Manifest
from wherry_risk.onnx.session import Session
from wherry_risk.onnx.trained import Trained
from wherry_risk.training.assemble import Outcomes, Rows, tabulate
from wherry_risk.training.data.files import Files
from wherry_risk.training.data.sets import SETS
from wherry_risk.training.figures import brief, figures
from wherry_risk.training.metrics import Array
from wherry_risk.training.parts import SEEN, known_again, prints_of
from wherry_risk.training.people import Person
from wherry_risk.training.recipes import RECIPES

NEWS2 = {"model": "news2", "version": "2017.1"}
BATCH = 50_000


def measure(model: Trained, packages: Path, files: Files) -> Iterator[dict[str, Any]]:
    """One object per model and data set that is there, and NEWS2 of the same rows.

    Of a data set that the model was trained on, people of training and calibration are left out,
    whatever file they come in; of any other set nobody is.
    """
    recipe = RECIPES.get(model.spec.id)
    for name in (recipe.dataset, *recipe.external) if recipe else ():
        if all(role in files for role in SETS[name].roles):
            yield from _on(model, packages, files, name)


def _on(model: Trained, packages: Path, files: Files, name: str) -> Iterator[dict[str, Any]]:
    manifest = model.manifest
    knows = _knowing(manifest, packages) if name == manifest.training.dataset else _nobody
    seen: set[str] = set()

    def unseen() -> Iterator[Person]:
        for person in SETS[name].people(files):
            if knows(person.id):
                seen.add(person.id)
            else:
                yield replace(person, more_s=())

    all_ = tabulate(manifest.inputs, manifest.features, unseen())
    scope = in_scope(manifest.inputs, manifest.features, all_.rows)
    table = all_.of(scope)
    used = {
        "dataset": name,
        "rows": _rows(all_.patients(), len(seen)),
        "seen_left_out": len(seen),
        "out_of_scope": int((~scope).sum()),
    }
    if not len(table.outcome):
        text = f"nobody is left whom {manifest.id} has not seen in training"
        raise Failure(Kind.UNPROCESSABLE, text, at=name)
    p = probabilities(model.session, table.rows)
    told_ = figures(table.outcome, p, table.person, alarm=alarm_of(manifest))
    answered = answerable(manifest, table.rows)
    yield {
        "model": manifest.id,
        "version": manifest.version,
        **used,
        **told_,
        "answered": brief(table.outcome[answered], p[answered]),
    }
    known = ~np.isnan(table.news2)
    if known.any():
        simple = figures(
            table.outcome[known], table.news2[known], table.person[known], probability=False
        )
        yield {**NEWS2, **used, **simple}


def _knowing(manifest: Manifest, packages: Path) -> Callable[[str], bool]:
    told = (packages / manifest.id / manifest.version / SEEN).read_bytes()
    return partial(known_again, prints_of(told), manifest.training.salt)


def _nobody(_: str) -> bool:
    return False


def _rows(unseen: int, seen: int) -> str:
    if not seen:
        return f"all {unseen} people of the files, none of them seen in training"
    there = unseen + seen
    return (
        f"{unseen} of the {there} people of the files; the others trained or calibrated the model"
    )


def probabilities(session: Session, rows: Rows) -> Array:
    """What the graph itself says, not the library that it came from."""
    batches = range(0, len(rows), BATCH)
    parts = [session.run(rows[start : start + BATCH])[0][:, 0] for start in batches]
    return np.concatenate(parts).astype(float) if parts else np.empty(0)


def in_scope(inputs: Sequence[Input], features: Sequence[Feature], rows: Rows) -> Outcomes:
    """Rows of people for whom the model is, and of whom what it cannot do without is known."""
    refusing = {one.name for one in inputs if one.missing == "refuse"}
    needed = [n for n, feature in enumerate(features) if feature.input in refusing]
    return np.asarray(~np.isnan(rows[:, needed]).any(1))


def answerable(manifest: Manifest, rows: Rows) -> Outcomes:
    """The rows of whom enough is known for the service to answer."""
    return answering(manifest.inputs, manifest.features, manifest.gates, rows)


def answering(
    inputs: Sequence[Input], features: Sequence[Feature], gates: Sequence[Gate], rows: Rows
) -> Outcomes:
    """The rows in which every required input is known, and as many as the gates ask for."""
    known = {
        one.name: ~np.isnan(
            rows[:, [n for n, feature in enumerate(features) if feature.input == one.name]]
        ).all(1)
        for one in inputs
    }
    enough = np.ones(len(rows), dtype=bool)
    for one in inputs:
        if one.required:
            enough &= known[one.name]
    for gate in gates:
        enough &= np.sum([known[name] for name in gate.inputs], axis=0) >= gate.at_least
    return enough


def alarm_of(manifest: Manifest) -> float | None:
    """The threshold at which hourly alarms are raised, of models that are judged by them."""
    recipe = RECIPES.get(manifest.id)
    return manifest.thresholds[1].value if recipe and recipe.alarm else None
