"""A data set becomes a model package: trained, exported, measured, described and written."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import partial
from hashlib import sha256
from importlib.metadata import version
from pathlib import Path
from typing import Any

import msgspec
import numpy as np

from wherry.errors import Failure, Kind
from wherry_risk.onnx.golden import Row
from wherry_risk.onnx.load import load
from wherry_risk.onnx.manifest import Feature
from wherry_risk.onnx.session import open_session
from wherry_risk.training.assemble import Rows, Table, tabulate
from wherry_risk.training.boost import Fitted, calibrated, grown
from wherry_risk.training.card.files import documents
from wherry_risk.training.data.files import Files
from wherry_risk.training.data.sets import SETS
from wherry_risk.training.describe import About, Made, manifest_of, with_hashes
from wherry_risk.training.evaluation import evaluation
from wherry_risk.training.export import INPUT, to_onnx
from wherry_risk.training.figures import best_alarm
from wherry_risk.training.golden_rows import golden_rows
from wherry_risk.training.measuring import in_scope, probabilities
from wherry_risk.training.metrics import sigmoid
from wherry_risk.training.parts import SEEN, Parts, parted, seen_of, tests, thinned
from wherry_risk.training.recipes import RECIPES
from wherry_risk.training.recipes.recipe import Recipe
from wherry_risk.training.reference import reference, with_reference
from wherry_risk.training.screen import Steps
from wherry_risk.training.work import Work, key_of

STEPS = 7
"""How many steps one package takes."""
MAX_BYTES = 2 * 1000 * 1000
"""A package is read by people and kept in the repository."""
LIBRARIES = ("lightgbm", "numpy", "onnx", "pyarrow")


@dataclass(frozen=True, slots=True)
class _Data:
    """What one recipe is trained and measured on."""

    files: Files
    table: Table
    parts: Parts
    key: str


def build(recipe: Recipe, files: Files, out: Path, *, steps: Steps, work: Work) -> Path:
    """Train and write `out`/<id>/<version>; the same data give the same bytes.

    What was written is loaded as the service does, with all its checks.
    Raises: Failure(NOT_FOUND) when the data set is not there.
    """
    steps.step(f"{recipe.id}: reading and assembling")
    data = _data(recipe, files, work)
    plain = _fitted(recipe, data, steps, work, robust=False)
    fitted = _fitted(recipe, data, steps, work, robust=True)
    steps.step(f"{recipe.id}: exporting")
    made = _export(
        recipe, fitted, np.concatenate([data.parts.calibrate.rows, data.parts.test.rows])
    )
    recipe = _with_alarm(recipe, made, data.parts)
    steps.step(f"{recipe.id}: measuring")
    external = {name: _external(recipe, files, name) for name in recipe.external
                if all(role in files for role in SETS[name].roles)}  # fmt: skip
    measured = evaluation(recipe, data.parts, made.session, (plain, fitted), external)
    steps.step(f"{recipe.id}: writing")
    folder = out / recipe.id / recipe.version
    _write(folder, _contents(recipe, made, data, measured))
    steps.step(f"{recipe.id}: loading as the service does")
    load(folder)
    return folder


def code_sha256(*names: str) -> str:
    """The hash of the code that makes packages, or of these files of it, beside what it shares."""
    here = Path(__file__).parent
    shared = [here.parent / "model" / name for name in ("aggregate.py", "vector.py", "icd.py")]
    paths = [here / name for name in names] or [
        path for path in sorted(here.rglob("*.py")) if path.parent.name != "card"
    ]
    return sha256(b"".join(path.read_bytes() for path in [*paths, *shared])).hexdigest()


def _data(recipe: Recipe, files: Files, work: Work) -> _Data:
    whole = RECIPES[recipe.within] if recipe.within else recipe
    reader = Path(SETS[recipe.dataset].people.__code__.co_filename).name
    code = code_sha256("assemble.py", "comparators.py", "parts.py", f"data/{reader}")
    hashes = SETS[recipe.dataset].hashes(files)
    key = key_of(hashes, whole.inputs, whole.features, whole.kept, whole.train_up_to, code)
    people = SETS[recipe.dataset].people
    table = work.table(
        f"{whole.id}-{key}",
        lambda: tabulate(
            whole.inputs,
            whole.features,
            thinned(whole, people(files)),
            compared=partial(tests, whole),
        ),
    )
    table = table.only([whole.names.index(name) for name in recipe.names])
    table = table.of(in_scope(recipe.inputs, recipe.features, table.rows))
    return _Data(files, table, parted(recipe, table), key)


def _external(recipe: Recipe, files: Files, name: str) -> Table:
    table = tabulate(recipe.inputs, recipe.features, SETS[name].people(files))
    return table.of(in_scope(recipe.inputs, recipe.features, table.rows))


def _fitted(recipe: Recipe, data: _Data, steps: Steps, work: Work, *, robust: bool) -> Fitted:
    steps.step(
        f"{recipe.id}: training{' with panels away' if robust else ''}", recipe.rounds * recipe.bags
    )
    parts = (recipe.train_up_to, recipe.calibrate_up_to)
    away = (recipe.copies, recipe.bags, recipe.dropout, recipe.filled, recipe.kept)
    made = (recipe.names, data.key, recipe.parameters, recipe.rounds)
    key = key_of(*made, *parts, *away, recipe.varied, code_sha256("boost.py"))
    trees = work.trees(
        f"{recipe.id}-{'robust' if robust else 'plain'}-{key}",
        lambda: grown(recipe, data.parts.train, robust=robust, step=lambda _: steps.advance()),
    )
    return calibrated(trees, data.parts.calibrate)


def _export(recipe: Recipe, fitted: Fitted, rows: Rows) -> Made:
    """Parity is measured on all real rows: made-up floats never equal a threshold."""
    trees = fitted.trees.trees()
    model = to_onnx(
        trees,
        names=recipe.names,
        slope=fitted.slope,
        intercept=fitted.intercept,
        metadata={
            "id": recipe.id,
            "version": recipe.version,
            "features": ",".join(recipe.names),
        },
    )
    session = open_session(model, INPUT)
    expected = sigmoid(fitted.slope * fitted.margin(rows) + fitted.intercept)
    parity = float(np.abs(probabilities(session, rows) - expected).max())
    return Made(fitted, trees, model, session, parity, len(rows))


def _with_alarm(recipe: Recipe, made: Made, parts: Parts) -> Recipe:
    """The recipe whose second tier is the threshold of best utility in the calibration part."""
    if not recipe.alarm:
        return recipe
    p = probabilities(made.session, parts.calibrate.rows)
    value = best_alarm(parts.calibrate.outcome, p, parts.calibrate.person)
    low, high, *others = recipe.tiers
    return replace(recipe, tiers=(low, msgspec.structs.replace(high, value=value), *others))


def _contents(
    recipe: Recipe, made: Made, data: _Data, measured: Mapping[str, Any]
) -> dict[str, bytes]:
    """Every file of the package; the manifest holds the hashes of all others."""
    train = data.parts.train if recipe.kept == 1 else data.parts.calibrate  # a fair sample
    features = with_reference(recipe, train.rows)
    golden = _golden(recipe, made, features)
    others = {
        SEEN: seen_of(recipe, data.table.person),
        "evaluation.json": pretty(measured),
        "reference.json": pretty(
            reference(features, train, probabilities(made.session, train.rows))
        ),
    }
    about = About(
        parts=data.parts.counts(),
        files=SETS[recipe.dataset].hashes(data.files),
        code=code_sha256(),
        libraries={name: version(name) for name in LIBRARIES},
    )
    draft = manifest_of(recipe, made, features, measured, about)
    others |= {name: text.encode() for name, text in documents(recipe, draft, measured).items()}
    manifest = with_hashes(draft, golden, others)
    return {
        "model.onnx": made.model,
        "golden.jsonl": golden,
        "manifest.json": pretty(manifest),
    } | others


def _golden(recipe: Recipe, made: Made, features: tuple[Feature, ...]) -> bytes:
    rows = golden_rows(recipe.inputs, features, made.trees)
    lines = []
    for row, p, margin, parts in zip(rows, *made.session.run(rows), strict=True):
        told = Row(
            inputs=tuple(None if np.isnan(x) else float(str(x)) for x in row),
            probability=round(float(p[0]), 7),
            margin=round(float(margin[0]), 6),
            contributions=tuple(round(float(part), 6) for part in parts),
        )
        lines.append(msgspec.json.encode(told))
    return b"\n".join(lines) + b"\n"


def _write(folder: Path, contents: Mapping[str, bytes]) -> None:
    size = sum(len(content) for content in contents.values())
    if size > MAX_BYTES:
        raise Failure(Kind.FAULT, f"the package would have {size} bytes", at=folder.parent.name)
    folder.mkdir(parents=True, exist_ok=True)
    for name, content in contents.items():
        (folder / name).write_bytes(content)


def pretty(value: object) -> bytes:
    """JSON that people can read."""
    return msgspec.json.format(msgspec.json.encode(value), indent=1) + b"\n"
