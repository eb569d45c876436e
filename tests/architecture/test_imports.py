"""Modules may be imported by anyone at any time: no sockets, no environment, no files written."""

import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
PACKAGES = [ROOT / "shared/wherry", *sorted(ROOT.glob("services/*/wherry_*"))]
WITH_EFFECTS = {"wsgi", "__main__", "env"}  # the doors; Alembic runs env.py itself

GUARD = """
import importlib, os, socket, sys, threading

def refuse(*_, **__):
    raise AssertionError("an import touched the network")

socket.socket.connect = refuse
socket.socket.bind = refuse
before = threading.active_count()
for name in sys.argv[1:]:
    importlib.import_module(name)
    assert threading.active_count() == before, name + " started a thread"
"""


def _modules(package: Path) -> list[str]:
    return [
        ".".join([package.name, *path.relative_to(package).with_suffix("").parts])
        for path in sorted(package.rglob("*.py"))
        if path.stem not in WITH_EFFECTS | {"__init__"} and "versions" not in path.parts
    ]


@pytest.mark.parametrize("package", PACKAGES, ids=lambda path: path.name)
def test_importing_a_module_has_no_effects(package: Path, tmp_path: Path) -> None:
    modules = _modules(package)

    done = subprocess.run(
        [sys.executable, "-c", GUARD, *modules],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        check=False,
        env={"PATH": "/usr/bin:/bin", "PYTHONDONTWRITEBYTECODE": "1"},
    )

    assert done.returncode == 0, done.stderr[-2000:]
    assert modules
    assert list(tmp_path.iterdir()) == []


def test_no_file_outgrows_its_room() -> None:
    long = {
        str(path.relative_to(ROOT)): lines
        for folder in ("shared", "services", "scripts", "tests")
        for path in (ROOT / folder).rglob("*.py")
        if (lines := len(path.read_text().splitlines())) > 300
    }

    assert long == {}
