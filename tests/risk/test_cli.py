"""`wherry risk` on the command line."""

from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from wherry.codec import decode, encode
from wherry.resource import Resource
from wherry_risk.cli import risk
from wherry_risk.model.registry import registry
from wherry_risk.onnx.load import PACKAGES


def written(folder: Path, *resources: Resource) -> str:
    path = folder / "bundle.json"
    entries = [{"resource": resource} for resource in resources]
    path.write_bytes(encode({"resourceType": "Bundle", "type": "collection", "entry": entries}))
    return str(path)


def test_it_scores_a_bundle(tmp_path: Path, make: Any) -> None:
    path = written(tmp_path, *make.normal(pulse="95"))

    done = CliRunner().invoke(risk, ["score", path, "--at", "2026-03-01T12:00:00Z"])

    assert done.exit_code == 0, done.output
    told = decode(done.stdout)
    assert (told["status"], told["score"], told["patient"]) == ("scored", 1, "p-1")


def test_a_refusal_is_an_answer(tmp_path: Path, make: Any) -> None:
    done = CliRunner().invoke(risk, ["score", written(tmp_path, *make.normal())])

    assert (done.exit_code, decode(done.stdout)["refusal"]["code"]) == (0, "stale_inputs")


@pytest.mark.parametrize(
    ("content", "arguments"),
    [
        (b"{", []),
        (b"[]", []),
        (b'{"resourceType": "Patient"}', []),
        (b'{"resourceType": "Bundle"}', []),
        (b'{"resourceType": "Bundle"}', ["--at", "noon"]),
        (b'{"resourceType": "Bundle"}', ["--model", "apache"]),
    ],
)
def test_what_cannot_be_scored_fails_on_stderr(
    content: bytes, arguments: list[str], tmp_path: Path
) -> None:
    path = tmp_path / "bundle.json"
    path.write_bytes(content)

    done = CliRunner().invoke(risk, ["score", str(path), *arguments])

    assert done.exit_code != 0
    assert (done.stdout, bool(done.stderr)) == ("", True)


def test_it_lists_the_models() -> None:
    done = CliRunner().invoke(risk, ["models"])

    shipped = [path.name for path in PACKAGES.iterdir() if path.is_dir()]
    assert [decode(line)["id"] for line in done.stdout.splitlines()] == sorted(
        [*shipped, *registry()]
    )
    assert done.stderr == ""


def test_it_prints_the_card_of_a_model() -> None:
    for_people = CliRunner().invoke(risk, ["card", "icu-mortality-24h"])
    for_machines = CliRunner().invoke(risk, ["card", "icu-mortality-24h", "--json"])
    unknown = CliRunner().invoke(risk, ["card", "news2"])

    assert for_people.stdout.startswith("# ICU in-hospital mortality")
    assert len(decode(for_machines.stdout)["source_attributes"]) == 31
    assert unknown.exit_code == 2
