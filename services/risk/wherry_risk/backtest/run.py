"""A folder with an export becomes judgements on a shelf, from where it was left, and tables."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256
from pathlib import Path
from typing import Any, Protocol

from wherry.codec import decode
from wherry.errors import Failure, Kind
from wherry.resource import Resource
from wherry_risk.backtest.export import Line, files_of
from wherry_risk.backtest.judging import Question, judgements
from wherry_risk.backtest.moments import OF_MODEL
from wherry_risk.backtest.shelf import Shelf
from wherry_risk.backtest.summary import Tally, summary, tally
from wherry_risk.model.interface import Model
from wherry_risk.model.record import STAY_TYPES
from wherry_risk.monitoring.outcomes import Outcome
from wherry_risk.onnx.trained import Trained


class Steps(Protocol):
    """Where a long work tells how far it is."""

    def step(self, text: str, total: int | None) -> None:
        """A new step has begun; with `total`, it will advance so far."""
        ...

    def advance(self, by: int = 1) -> None:
        """The step has come further."""
        ...


@dataclass(frozen=True, slots=True)
class Backtest:
    """What is to be tested on what: `outcomes` None derives them from the export."""

    export: Path
    model: Trained
    simple: Model
    rule: str
    outcomes: Sequence[Outcome] | None
    until: datetime
    work: Path


def rule_of(model: Trained, given: str) -> str:
    """When the model is asked. Raises: Failure(INVALID) when its card does not say."""
    rule = given or OF_MODEL.get(model.manifest.id, "")
    if not rule:
        raise Failure(Kind.INVALID, "say at which moments it is asked", at="--moments")
    return rule


def run(test: Backtest, steps: Steps) -> tuple[dict[str, Any], Tally]:
    """The tables and what they are made of; people who were judged before are not judged again.

    Raises: Failure: NOT_FOUND without files, UNPROCESSABLE at the line that cannot be read.
    """
    paths = files_of(test.export)
    with Shelf(test.work, _key(test, paths)) as shelf:
        _fill(shelf, test, paths, steps)
        _judge(shelf, test, steps)
        steps.step("tables", None)
        made = tally(shelf.judged())
    return summary(test.model.manifest, test.model.spec.sha256, test.rule, made), made


def _fill(shelf: Shelf, test: Backtest, paths: Sequence[Path], steps: Steps) -> None:
    """Only what the models read is kept: of a whole hospital that is a small part."""
    codes = frozenset((code.system, code.code) for code in _codes(test))
    types = frozenset({"Patient", "Observation", *STAY_TYPES})

    def wanted(line: Line) -> bool:
        return bool(line.patient) and (line.type != "Observation" or bool(codes & line.codes))

    for path in paths:
        steps.step(f"reading {path.name}", None)
        shelf.put(path, wanted, types, steps.advance)


def _codes(test: Backtest) -> set[Any]:
    return {*test.model.spec.codes(), *test.simple.spec.codes()}


def _judge(shelf: Shelf, test: Backtest, steps: Steps) -> None:
    people = shelf.sorted()
    known = None if test.outcomes is None else _by_patient(test.outcomes)
    question = Question(test.model, test.simple, test.rule, known, test.until)
    left = list(shelf.left())
    steps.step(f"judging, {people} people", len(left))
    for patient in left:
        resources = shelf.of(patient, _resource)
        try:
            shelf.judge(patient, judgements(question, patient, resources))
        except Failure as failure:
            at = f"{failure.at} of one of the patients"
            raise Failure(failure.kind, failure.detail, at=at) from None
        steps.advance()


def _by_patient(outcomes: Sequence[Outcome]) -> dict[str, list[Outcome]]:
    known: dict[str, list[Outcome]] = defaultdict(list)
    for one in outcomes:
        known[one.patient].append(one)
    return known


def _resource(body: bytes) -> Resource:
    told: Resource = decode(body)
    return told


def _key(test: Backtest, paths: Sequence[Path]) -> str:
    """What was judged holds as long as none of this changes."""
    files = [(str(path), path.stat().st_size, path.stat().st_mtime_ns) for path in paths]
    known = None if test.outcomes is None else sorted(map(repr, test.outcomes))
    whole = (test.model.spec.sha256, test.rule, test.until, files, known)
    return sha256(repr(whole).encode()).hexdigest()
