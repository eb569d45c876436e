"""The clock of a single running process, set forth and back while all others keep theirs."""

import subprocess
import sys
from collections.abc import Sequence
from importlib import util
from pathlib import Path

import pytest

_HOUR = 3600
_LIBRARY = "vendor/libfaketime/src/libfaketime.so.1"
_ASK = "import time; print(time.time())"


class Clock:
    """What one process takes for the time; `settings` make it do so from its start."""

    def __init__(self, file: Path) -> None:
        self._file = file
        self.set(0)
        library = _library()
        self.settings = {
            "LD_PRELOAD": str(library),
            "FAKETIME_TIMESTAMP_FILE": str(file),
            "FAKETIME_CACHE_DURATION": "1",  # seconds; to look each time makes all of it slow
            "DONT_FAKE_MONOTONIC": "1",
        }

    def set(self, by_s: int) -> None:
        """From now on it is so many seconds ahead, or behind."""
        fresh = self._file.with_suffix(".new")
        fresh.write_text(f"{by_s:+d}\n")
        fresh.replace(self._file)

    def works(self) -> bool:
        """Whether it can be set on this machine at all."""
        self.set(_HOUR)
        times = [
            float(subprocess.check_output([sys.executable, "-c", _ASK], env=env))
            for env in (self.settings, {})
        ]
        self.set(0)
        return abs(times[0] - times[1] - _HOUR) < _HOUR / 2


def clocks(files: Sequence[Path]) -> list[Clock]:
    """Clocks that can be set; skips where that is not possible."""
    made = [Clock(file) for file in files]
    if not made[0].works():
        pytest.skip("libfaketime does not work on this platform")
    return made


def _library() -> Path:
    found = util.find_spec("libfaketime")
    if found is None or found.origin is None:
        pytest.skip("libfaketime is not installed")
    return Path(found.origin).parent / _LIBRARY
