"""Templates that would lose or invent something are refused, with file and line."""

from pathlib import Path

import msgspec
import pytest
import yaml
from click.testing import CliRunner

from wherry.errors import Failure, Kind
from wherry_devices.cli import devices
from wherry_devices.template_files import Reloading, load, parsed

GOOD = """\
id: demo
version: "1"
title: A made-up source
items: readings[]
account: who
time: {iso: at}
code: what
codes:
  pulse:
    - {kind: heart_rate, number: value, unit: /min}
"""


@pytest.mark.parametrize(
    ("old", "new", "line", "says"),
    [
        ("kind: heart_rate", "kind: heart_beat", 10, "one of heart_rate"),
        ("unit: /min", "unit: bpm", 10, "heart_rate is measured in /min"),
        ("unit: /min", "unit_from: unit", 10, "no units are listed"),
        ("number: value,", "number: sum(value),", 10, "may not call functions"),
        ("number: value,", "number: 'value[',", 10, ""),
        ("number: value,", "number: '',", 10, "where is the number?"),
        ("{kind: heart_rate, number: value, unit: /min}",
         "{kind: bp_systolic, number: value, unit: 'mm[Hg]'}", 8, "bp_diastolic is missing"),
        ("unit: /min", "unit: /min, quantum: '0.02'", 10, "a power of ten"),
        ("time: {iso: at}", "time: {iso: at, epoch_s: at}", 6, "either epoch_s or iso"),
        ("time: {iso: at}", "time: {iso: at, start_iso: at}", 6, "an interval needs"),
        ("id: demo", "id: De mo", 1, "lower-case"),
        ("account: who", "model: who", 1, "neither account nor device"),
        ('version: "1"', "version: 1", 2, "Expected `str`"),
        ("title:", "titel:", 1, "titel"),
        ("code: what", "code: what\ndrop: [{when: x, reason: No Good}]", 8, "lower-case"),
        ("code: what", "code: what\nignored: {pulse: why}", 8, "this code is read, too"),
        ("code: what", "code: what\nnot_mapped: {why: [pulse]}", 8, "read, or ignored, too"),
        ("time: {iso: at}", "time: {start_iso: at, lasts: x}", 6, "needs lasts and lasts_in"),
        ("code: what", "code: what\nunits: {bpm: bpm}", 8, "no UCUM unit"),
        ("code: what", "code: what\norigin: {at: x, names: {a: b}}", 8, "an origin is one of"),
        ("codes:", "codes: [", 10, ""),
    ],
)  # fmt: skip
def test_a_mistake_is_told_with_its_line(old: str, new: str, line: int, says: str) -> None:
    with pytest.raises(Failure) as caught:
        parsed(GOOD.replace(old, new), "demo.yaml")

    assert (caught.value.kind, caught.value.at) == (Kind.INVALID, f"demo.yaml:{line}")
    assert says in caught.value.detail


def test_a_good_template_is_used_and_its_hash_says_which_one_it_was() -> None:
    one, other = parsed(GOOD, "demo.yaml"), parsed(GOOD.replace("made-up", "other"), "demo.yaml")

    assert one.names == {"readings", "who", "at", "what", "value"}
    assert len(one.template.digest) == 64
    assert one.template.digest != other.template.digest
    assert one.template.digest == parsed(f"# why\n{GOOD}", "demo.yaml").template.digest


def test_a_site_adds_templates_and_may_replace_ours(tmp_path: Path) -> None:
    (tmp_path / "a.yaml").write_text(GOOD)
    (tmp_path / "b.yaml").write_text(GOOD.replace("id: demo", "id: withings"))

    found = load(str(tmp_path))

    assert set(found) == {*load(), "demo"}
    assert found["withings"].template.title == "A made-up source"
    assert {"withings", "openmhealth"} <= set(load())


def test_two_files_may_not_speak_of_one_source(tmp_path: Path) -> None:
    (tmp_path / "a.yaml").write_text(GOOD)
    (tmp_path / "b.yaml").write_text(GOOD)

    with pytest.raises(Failure) as caught:
        load(str(tmp_path))

    assert caught.value.at == "b.yaml"


def test_a_directory_without_templates_is_a_mistake(tmp_path: Path) -> None:
    with pytest.raises(Failure) as caught:
        load(str(tmp_path))

    assert caught.value.kind is Kind.INVALID


class StandingTime:
    """A clock that goes when it is told to."""

    now_s = 0.0

    def __call__(self) -> float:
        return self.now_s


def test_a_changed_file_is_read_again_and_a_mistake_in_it_changes_nothing(tmp_path: Path) -> None:
    file, time = tmp_path / "a.yaml", StandingTime()
    file.write_text(GOOD)
    templates = Reloading(str(tmp_path), time)

    file.write_text(GOOD.replace("made-up", "changed"))
    before = templates["demo"].template.title
    time.now_s = 3
    after = templates["demo"].template.title
    file.write_text(GOOD.replace("heart_rate", "heart_beat"))
    time.now_s = 6
    kept = templates["demo"].template.title
    file.write_text(GOOD.replace("made-up", "repaired"))
    time.now_s = 9

    titles = [before, after, kept, templates["demo"].template.title]
    assert titles == [f"A {word} source" for word in ("made-up", "changed", "changed", "repaired")]
    assert set(templates) == {*load(), "demo"}
    assert len(templates) == len(load()) + 1


@pytest.mark.parametrize(
    ("more", "line", "says"),
    [
        ("    - {kind: spo2, number: x, unit: '%', absent: {'127': gone}}\n", 11,
         "a reason is one of"),
        ("    - {kind: cgm, number: x, unit: '%'}\n", 11, "cgm is measured in mg/dL, mmol/L"),
        ("    - {kind: cgm, number: x, unit: mg/dL, bounds: {at: s, names: {low: '<'},"
         " limits: {}}}\n",
         11, "< has no limit in mg/dL"),
        ("    - {kind: cgm, number: x, unit: mg/dL, bounds: {at: s, names: {low: '!'},"
         " limits: {}}}\n",
         11, "a comparator is one of"),
        ("    - {kind: cgm, number: x, unit: mg/dL, bounds: {at: s, names: {low: '<'},"
         " limits: {'<': {mmol/L: '2.2'}}}}\n",
         11, "< has no limit in mg/dL"),
        ("    - {kind: cgm, number: x, unit: mg/dL, bounds: {at: s, names: {low: '<'},"
         " limits: {'<': {mg/dL: forty}}}}\n",
         11, "a limit is a number"),
        ("    - {kind: spo2, number: x, unit: '%', resolution: '0.5'}\n", 11, "a power of ten"),
        ("quality: {odd: 'length(x)'}\n", 11, "may not call functions"),
        ("modified: {zone: x}\n", 11, "a time is told by one of"),
        ("modified: {local: x, offset: y, offset_in: days}\n", 11, "one of h, hhmm, min, s"),
        ("modified: {display: x}\n", 11, "needs the system time"),
        ("modified: {epoch_local_s: x}\n", 11, "needs the place of its offset"),
        ("hint: [{when: x, reason: No Good}]\n", 11, "lower-case"),
        ("status: {odd-pulse: {at: x, names: {a: Y}}}\n", 11, "one of body-movement"),
        ("status: {irregular-pulse: {at: x, names: {a: maybe}}}\n", 11, "a device says Y or N"),
        ("amounts: {bread: {at: x, unit: slice}}\n", 11, "one of %, g, h"),
        ("    - {kind: ecg, number: x, unit: uV}\n", 1, "a recording needs its frequency"),
        ("    - {kind: glucose, number: x, supplement: true}\n", 11, "a supplement has none"),
    ],
)  # fmt: skip
def test_lint_tells_every_mistake_with_its_line(
    more: str, line: int, says: str, tmp_path: Path
) -> None:
    (tmp_path / "demo.yaml").write_text(GOOD + more)

    result = CliRunner().invoke(devices, ["lint", str(tmp_path)])

    assert result.exit_code == 1
    assert f"demo.yaml:{line}: " in result.stdout
    assert says in result.stdout


def test_lint_of_what_comes_along_finds_nothing_and_the_schema_is_one() -> None:
    result = CliRunner().invoke(devices, ["lint"])
    schema = CliRunner().invoke(devices, ["lint", "--schema"])

    assert (result.exit_code, result.stdout) == (0, f"{len(load())} templates, no findings\n")
    assert '"$ref"' in schema.stdout


def test_without_a_code_there_is_one_list_and_nothing_can_be_deleted(tmp_path: Path) -> None:
    (tmp_path / "demo.yaml").write_text(GOOD.replace("code: what\n", "deleted: gone\n"))

    result = CliRunner().invoke(devices, ["lint", str(tmp_path / "demo.yaml")])

    assert "without code there is only" in result.stdout
    assert "without code nobody knows what was deleted" in result.stdout


def test_a_template_may_take_the_codes_of_another_and_say_more_itself() -> None:
    text = (
        GOOD.split("codes:", maxsplit=1)[0] + "codes_of: apple-export\nignored: {Mood: no number}\n"
    )

    made = parsed(text, "demo.yaml").template

    assert "HKQuantityTypeIdentifierBodyMass" in made.codes
    assert made.left_out["Mood"] == "no number"
    assert made.left_out["HKQuantityTypeIdentifierDietaryZinc"] == "nutrition"


@pytest.mark.parametrize("name", ["nobody", "../secrets", "healthkit"])
def test_codes_are_only_taken_from_a_template_that_has_its_own(name: str) -> None:
    with pytest.raises(Failure) as caught:
        parsed(GOOD.replace("code: what", f"code: what\ncodes_of: {name}"), "demo.yaml")

    assert caught.value.at == "demo.yaml:8"


def test_a_word_that_the_schema_gets_later_does_not_change_what_a_template_says() -> None:
    """The hash is in every Provenance: it changes with the template alone."""
    template = parsed(GOOD, "demo.yaml").template

    assert msgspec.json.decode(msgspec.json.encode(template)) == yaml.safe_load(GOOD)
