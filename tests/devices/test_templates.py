"""Templates that would lose or invent something are refused, with file and line."""

from pathlib import Path

import pytest

from wherry.errors import Failure, Kind
from wherry_devices.template_files import load, parsed

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
