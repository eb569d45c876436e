"""Folders of data become packages, and packages and data become figures."""

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

from wherry.errors import Failure, Kind
from wherry_risk.onnx.load import load_all
from wherry_risk.onnx.trained import Trained
from wherry_risk.training.data.files import Files, files_of
from wherry_risk.training.data.sets import SETS
from wherry_risk.training.measuring import measure
from wherry_risk.training.package import STEPS, build
from wherry_risk.training.recipes import RECIPES
from wherry_risk.training.recipes.recipe import Recipe
from wherry_risk.training.screen import steps
from wherry_risk.training.work import Work


def train(data: Path, out: Path, ids: Sequence[str], *, work: Path | None) -> Iterator[Path]:
    """Train the models of these ids, or all whose data are there; each package as it is written.

    Raises: Failure(NOT_FOUND) for an unknown model, or when its data are not there.
    """
    files = files_of(data)
    chosen = [_recipe(id_) for id_ in ids] or [
        recipe for recipe in RECIPES.values() if _there(recipe.dataset, files)
    ]
    if not chosen:
        raise Failure(Kind.NOT_FOUND, "no data set that a model is trained on", at="data")
    with steps(STEPS * len(chosen)) as bar:
        for recipe in chosen:
            yield build(recipe, files, out, steps=bar, work=Work(work))


def evaluate(data: Path, packages: Path, ids: Sequence[str]) -> Iterator[dict[str, Any]]:
    """One object per model and data set that is there; NEWS2 is one of the models.

    Raises: Failure: NOT_FOUND when there are no data for any model, UNAVAILABLE when a package did
    not pass its checks.
    """
    loaded, files = load_all(packages), files_of(data)
    for id_ in ids:
        _recipe(id_)
    for id_, why in sorted(loaded.unserved.items()):
        if not ids or id_ in ids:
            raise Failure(Kind.UNAVAILABLE, f"{id_} is not served: {why}", at="packages")
    measured: set[tuple[str, str]] = set()
    for id_, model in sorted(loaded.models.items()):
        if isinstance(model, Trained) and (not ids or id_ in ids):
            for told in measure(model, packages, files):
                once = (told["model"], told["dataset"])
                if once not in measured:  # models of one data set have NEWS2 beside them
                    measured.add(once)
                    yield told
    if not measured:
        text = f"no data set that a model is measured on{_incomplete(files)}"
        raise Failure(Kind.NOT_FOUND, text, at="data")


def _recipe(id_: str) -> Recipe:
    if id_ not in RECIPES:
        raise Failure(Kind.NOT_FOUND, "there is no such model to train", at="model")
    return RECIPES[id_]


def _incomplete(files: Files) -> str:
    """What is lacking of data sets of which only some files are there."""
    lacking = [
        f"; of {name} no file with {role}"
        for name, one in SETS.items()
        for role in one.roles
        if role not in files and any(other in files for other in one.roles)
    ]
    return "".join(lacking)


def _there(name: str, files: Files) -> bool:
    return all(role in files for role in SETS[name].roles)
