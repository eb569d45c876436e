"""The CPU time of every process below one, by what it does, read from /proc."""

import os
from pathlib import Path

# What a command line holds, and what the process is called in a table; the first that fits.
_NAMES = (
    ("wherry_hl7.feed_main", "feed"),
    ("wherry_hl7.worker", "hl7 workers"),
    ("wherry_ehr", "FHIR server"),
    ("wherry_risk.worker", "risk worker"),
    ("wherry_devices.worker", "devices worker"),
    ("redis", "Redis"),
    ("valkey", "Redis"),
    ("wherry_hl7.wsgi", "hl7 HTTP"),
)
_OTHER = "the rest"
_TICK_S = 1 / os.sysconf("SC_CLK_TCK")


def cpu_s(root: int) -> dict[str, float]:
    """Seconds of CPU so far of the process `root` and all below it; empty without /proc."""
    parents: dict[int, int] = {}
    used: dict[int, float] = {}
    for path in Path("/proc").glob("[0-9]*/stat"):
        try:
            fields = path.read_text().rpartition(")")[2].split()
        except OSError:
            continue  # it has ended
        pid = int(path.parent.name)
        parents[pid] = int(fields[1])
        used[pid] = (int(fields[11]) + int(fields[12])) * _TICK_S
    found: dict[str, float] = {}
    for pid, seconds in used.items():
        if _below(pid, root, parents):
            name = _name(pid)
            found[name] = found.get(name, 0.0) + seconds
    return found


def _below(pid: int, root: int, parents: dict[int, int]) -> bool:
    while pid and pid != root:
        pid = parents.get(pid, 0)
    return pid == root


def _name(pid: int) -> str:
    try:
        command = Path(f"/proc/{pid}/cmdline").read_bytes().replace(b"\0", b" ").decode()
    except OSError:
        return _OTHER
    return next((name for part, name in _NAMES if part in command), _OTHER)
