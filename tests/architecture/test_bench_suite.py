"""A measurement is of its own suite, never of another that answers on the same ports."""

import runpy
import sys
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).parents[2]
BENCH: dict[str, Any] = runpy.run_path(str(ROOT / "scripts" / "bench_suite.py"))
UP = (ROOT / "shared" / "wherry" / "suite" / "up.py").read_text()


def saying(code: str) -> list[str]:
    return [sys.executable, "-c", f"import sys, time\n{code}"]


def test_a_child_that_says_it_is_ready_is_measured_and_stopped(tmp_path: Path) -> None:
    told, ended = tmp_path / "up.log", tmp_path / "ended"
    code = (
        "import pathlib, signal\n"
        f"def end(*_): pathlib.Path({str(ended)!r}).touch(); sys.exit()\n"
        "signal.signal(signal.SIGTERM, end)\n"
        "print('Ready after 0.1 s.', flush=True)\n"
        "time.sleep(60)"
    )

    with BENCH["child"](saying(code), told, limit_s=20):
        assert not ended.exists()

    assert ended.exists()


def test_a_suite_that_cannot_have_its_ports_measures_nothing(tmp_path: Path) -> None:
    """Another suite answers there; ours says so and ends."""
    code = "sys.exit('ehr port 28100 is taken')"

    with (
        pytest.raises(SystemExit, match=r"(?s)nothing is measured.*28100 is taken"),
        BENCH["child"](saying(code), tmp_path / "up.log", limit_s=20),
    ):
        pytest.fail("was measured")


def test_a_suite_that_never_gets_ready_is_given_up(tmp_path: Path) -> None:
    with (
        pytest.raises(SystemExit, match="did not start"),
        BENCH["child"](saying("time.sleep(60)"), tmp_path / "up.log", limit_s=0.3),
    ):
        pytest.fail("was measured")


def test_figures_of_a_suite_that_ended_meanwhile_are_not_believed(tmp_path: Path) -> None:
    end = tmp_path / "end"
    code = (
        "import pathlib\n"
        "print('Ready after 0.1 s.', flush=True)\n"
        f"while not pathlib.Path({str(end)!r}).exists(): time.sleep(0.02)"
    )

    def measured() -> None:
        with BENCH["child"](saying(code), tmp_path / "up.log", limit_s=20) as process:
            end.touch()
            process.wait(timeout=20)

    with pytest.raises(SystemExit, match="ended while it was measured"):
        measured()


def test_wherry_up_says_it_in_these_words() -> None:
    assert f'"{BENCH["READY"]} ' in UP
    assert "refuse_taken_ports(at)" in UP
