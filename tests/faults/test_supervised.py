"""`wherry up` as a person runs it: its parts are killed under load and come back by themselves."""

import os
import random
import secrets
import signal
import time
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import pytest
from tests.faults.families import Family
from tests.faults.load import Engine, Gate, until
from tests.faults.servers import children, command
from tests.faults.witness import Findings, examine

from wherry.adapters.fhir_http import HttpFhir
from wherry.adapters.http import session
from wherry.adapters.inbox_desk import SqlInboxDesk
from wherry.adapters.sql import make_engine
from wherry.ports import State
from wherry.suite.addresses import Addresses
from wherry.testing.suite import free_offset, said, suite

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(not Path("/proc/self/stat").exists(), reason="looks for children in /proc"),
]

COUNT, FAMILIES = 60, 4
WITHIN_S = 90.0
# Parts of command lines; the last is the process behind granian's own, which is not the suite's.
FEED, WORKER, REDIS, EHR = "wherry_hl7.feed_main", "wherry_hl7.worker", "-server ", "wherry_ehr"
_UNFINISHED = (State.WAITING, State.CLAIMED)
SEED = secrets.randbelow(2**31)


@pytest.fixture
def offset(tmp_path: Path) -> Iterator[int]:
    offset = free_offset()
    with suite(tmp_path / "data", offset) as running:
        (tmp_path / "pid").write_text(str(running.pid))
        yield offset
        running.send_signal(signal.SIGTERM)
        running.wait(30)


def kill(supervisor: int, part: str, dice: random.Random) -> None:
    """SIGKILL to one of the processes that this part of a command line stands for."""
    assert until(lambda: bool(_of(supervisor, part)), WITHIN_S), part
    first = _of(supervisor, part)
    behind = [pid for parent in first for pid in children(parent)]
    with suppress(ProcessLookupError):
        os.kill(dice.choice(behind or first), signal.SIGKILL)


def came_back(screen: str) -> int:
    """How often a part ended, once each that did runs again: one may end again while it starts."""
    ended = [line.partition(" ended")[0] for line in screen.splitlines() if " ended and " in line]
    back = all(screen.rfind(f"{name} runs again") > screen.rfind(f"{name} ended") for name in ended)
    return len(ended) if back else 0


def _of(supervisor: int, part: str) -> list[int]:
    return [pid for pid in children(supervisor) if part in command(pid)]


def test_what_is_killed_comes_back_and_nothing_is_lost(offset: int, tmp_path: Path) -> None:
    print(f"seed {SEED}")  # pytest shows it when the test fails
    dice = random.Random(SEED)  # noqa: S311 - choices that can be made again
    data, at, gate = tmp_path / "data", Addresses(offset), Gate()
    engine = make_engine(f"sqlite:///{data}/wherry.db")
    desk = SqlInboxDesk(engine)
    families = [Family(f"UP{n}", COUNT) for n in range(FAMILIES)]
    engines = [Engine(at.port("mllp"), [family], gate) for family in families]
    for one in engines:
        one.start()
    victims = [FEED, WORKER, REDIS, EHR, WORKER]
    for n, victim in enumerate(dice.sample(victims, k=len(victims)), 1):
        gate.open_until = COUNT * FAMILIES * n // len(victims)
        assert until(lambda: not gate.room(), WITHIN_S)
        kill(int((tmp_path / "pid").read_text()), victim, dice)
        time.sleep(dice.uniform(0.0, 0.3))

    gate.open_until = COUNT * FAMILIES
    sent = until(lambda: not any(one.is_alive() for one in engines), WITHIN_S)
    drained = until(
        lambda: not any(desk.counts().get(("hl7", state)) for state in _UNFINISHED), WITHIN_S
    )
    assert until(lambda: came_back(said(data)) == len(victims), WITHIN_S), said(data)
    token = (data / "fhir-token").read_text().strip()
    fhir, found = HttpFhir(at.fhir, session(token=token)), Findings()
    for family in families:
        found.add(examine(family, fhir))

    aside = desk.counts().get(("hl7", State.ASIDE), 0)
    engine.dispose()
    assert (sent, drained, gate.acked) == (True, True, COUNT * FAMILIES)
    assert aside == 0
    assert found == Findings(stored=COUNT * FAMILIES)
