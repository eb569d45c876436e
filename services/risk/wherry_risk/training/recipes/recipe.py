"""What a model is made of: everything that training needs to know and that no data tells."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from wherry_risk.onnx.manifest import Feature, Gate, Input, Threshold, Writing
from wherry_risk.training.seed import SEED


@dataclass(frozen=True, slots=True)
class Words:
    """What a package says in words: use, limits, data, licences."""

    title: str
    outcome: str
    definition: str
    intended_use: str
    users: str
    setting: str
    out_of_scope: tuple[str, ...]
    limits: tuple[str, ...]
    citation: str
    licence: str
    attribution: str
    period: str
    inclusion: str
    exclusion: str
    relevance: str


@dataclass(frozen=True, slots=True)
class Recipe:
    """One model.

    `gaps` are the inputs that are taken away to measure what that costs. `filled` are inputs whose
    absence in the data means something that it does not mean elsewhere: training rows without them
    get those of other rows. `copies` of the training rows have each panel away with the chance
    `dropout`. `bags` are trainings whose margins are averaged, each without another share of the
    people, and with each of `varied` parameters in turn. `kept` is the share of hours kept of
    people who never have the outcome. `within` names a recipe of the same data that has all columns
    of this one, so that they are assembled once. `alarm`: the second tier is the threshold of best
    utility in the calibration part. `writing`: when the worker writes another RiskAssessment.
    `tried`: what was compared before training, and what was found inside of the training part.
    """

    id: str
    version: str
    dataset: str
    external: tuple[str, ...]
    inputs: tuple[Input, ...]
    features: tuple[Feature, ...]
    gates: tuple[Gate, ...]
    siblings: tuple[str, ...]
    tiers: tuple[Threshold, ...]
    words: Words
    horizon_h: int
    parameters: Mapping[str, float | int | str | bool]
    rounds: int
    train_up_to: float
    calibrate_up_to: float
    gaps: Mapping[str, Sequence[str]]
    min_age_years: int = 18
    filled: tuple[str, ...] = ()
    copies: int = 1
    bags: int = 1
    varied: tuple[Mapping[str, float | int | str | bool], ...] = ()
    dropout: float = 0.15
    kept: float = 1.0
    alarm: bool = False
    within: str = ""
    groups: tuple[str, ...] = ("sex",)
    ages: tuple[tuple[int, int], ...] = ((18, 50), (50, 65), (65, 80), (80, 121))
    changes: tuple[str, ...] = field(default=())
    tried: tuple[tuple[str, str], ...] = field(default=())
    writing: Writing = field(default_factory=Writing)

    @property
    def salt(self) -> str:
        """What a person's part is derived from; models of one data set share their parts."""
        return self.dataset

    @property
    def names(self) -> tuple[str, ...]:
        """The columns of the graph."""
        return tuple(feature.name for feature in self.features)

    def columns(self, *inputs: str) -> list[int]:
        """Places of the features that read any of these inputs."""
        return [
            place
            for place, feature in enumerate(self.features)
            if feature.input in inputs or feature.against in inputs
        ]

    def panels(self) -> dict[str, list[int]]:
        """The columns that go away together; those without which the model refuses never do."""
        groups: dict[str, list[str]] = {}
        for one in self.inputs:
            if not one.required and one.missing == "nan":
                groups.setdefault(one.group, []).append(one.name)
        return {group: self.columns(*names) for group, names in groups.items()}


PARAMETERS: Mapping[str, float | int | str | bool] = {
    "objective": "binary",
    "bagging_freq": 1,
    "seed": SEED,
    "deterministic": True,
    "force_row_wise": True,
    "num_threads": 1,
    "verbosity": -1,
}
