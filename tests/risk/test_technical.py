"""Technical files say what the package says, and name only controls and tests that are there."""

import re
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from wherry.codec import decode
from wherry_risk.cli import risk
from wherry_risk.model.registry import registry
from wherry_risk.onnx.load import PACKAGES, load_all
from wherry_risk.onnx.trained import Trained
from wherry_risk.technical.hazards import ALL, HAZARDS
from wherry_risk.technical.pages import pages
from wherry_risk.technical.scores import RELEASES, attributes
from wherry_risk.technical.sections import kinds_of
from wherry_risk.technical.tripod import tripod

ROOT = Path(__file__).parents[2]
PAGES = pages()
TRAINED = {id_: one for id_, one in load_all().models.items() if isinstance(one, Trained)}


def measured(id_: str) -> dict[str, Any]:
    path = PACKAGES / id_ / TRAINED[id_].spec.version / "evaluation.json"
    told = decode(path.read_bytes())
    assert isinstance(told, dict)
    return told


@pytest.mark.parametrize(
    "named",
    sorted({each for one in HAZARDS for each in (one.where, *one.verification)}),
)
def test_every_control_and_every_verification_of_a_hazard_exists(named: str) -> None:
    path, _, name = named.partition("::")

    text = (ROOT / path).read_text()

    assert not name or re.search(rf"^ *(def|class) {re.escape(name)}\b", text, re.MULTILINE)


def test_every_control_is_code_and_every_verification_a_test() -> None:
    assert all(one.where.startswith("services/") for one in HAZARDS)
    assert all(one.verification for one in HAZARDS)
    tests = [each for one in HAZARDS for each in one.verification]
    assert all(re.fullmatch(r"tests/.+\.py::test_\w+", each) for each in tests)


def test_there_is_a_technical_file_of_every_model_and_score() -> None:
    assert sorted(PAGES) == sorted(f"{id_}.md" for id_ in {*TRAINED, *registry()})


@pytest.mark.parametrize("id_", sorted(TRAINED))
def test_it_states_the_figures_of_the_evaluation_and_what_is_insufficient(id_: str) -> None:
    text, told = PAGES[f"{id_}.md"], measured(id_)

    figures = told["test"]["figures"]
    low, high = figures["intervals"]["auroc"]
    assert f"{float(figures['auroc']):.3f} ({float(low):.3f}–{float(high):.3f})" in text
    groups = [told["subgroups"], *(one["subgroups"] for one in told["external"].values())]
    few = [f"| {name} | {one['n']} | {one['events']} | insufficient |"
           for each in groups for name, one in each.items() if "note" in one]  # fmt: skip
    assert all(line in text for line in few)
    assert text.count("| insufficient |") == len(few)


@pytest.mark.parametrize("id_", sorted(TRAINED))
def test_it_has_every_section_hazard_and_part_of_the_change_plan(id_: str) -> None:
    text, manifest = PAGES[f"{id_}.md"], TRAINED[id_].manifest

    assert [line[3:5] for line in text.splitlines() if line.startswith("## ")] == [
        f"{n}." for n in range(1, 10)
    ]
    kinds = kinds_of(manifest)
    for hazard in HAZARDS:
        assert (hazard.name in text) == bool(hazard.of & kinds)
    for part in ("Description of modifications", "Modification protocol", "Impact assessment"):
        assert f"**{part}.**" in text
    assert all(line in text for line in (*manifest.limits, *manifest.change_control.not_allowed))


@pytest.mark.parametrize("id_", sorted(TRAINED))
def test_the_table_of_tripod_has_its_27_items(id_: str) -> None:
    rows = tripod(TRAINED[id_].manifest, measured(id_))

    assert [item for item, _, _ in rows] == [str(n) for n in range(1, 28)]
    assert all(topic and said for _, topic, said in rows)


@pytest.mark.parametrize("id_", sorted(registry()))
def test_a_score_has_its_13_source_attributes(id_: str) -> None:
    spec = registry()[id_].spec

    told = attributes(spec)

    assert [name.split(".")[0] for name, _ in told] == [str(n) for n in range(1, 14)]
    assert told[0][1] == spec.citation
    assert set(RELEASES) == set(registry())
    assert all(hazard.name in PAGES[f"{id_}.md"] for hazard in HAZARDS if hazard.of >= ALL)


def test_the_command_writes_the_file_or_prints_it(tmp_path: Path) -> None:
    written = CliRunner().invoke(risk, ["technical-file", "qsofa", "-o", str(tmp_path / "new")])
    printed = CliRunner().invoke(risk, ["technical-file", "qsofa"])

    assert (written.exit_code, printed.exit_code) == (0, 0)
    assert (tmp_path / "new" / "qsofa.md").read_text() == printed.stdout == PAGES["qsofa.md"]


def test_of_an_unknown_model_there_is_no_file(tmp_path: Path) -> None:
    done = CliRunner().invoke(risk, ["technical-file", "crystal-ball", "-o", str(tmp_path)])

    assert done.exit_code == 1
    assert "there is no such model" in done.stderr
    assert not list(tmp_path.iterdir())
