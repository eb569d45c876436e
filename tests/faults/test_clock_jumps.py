"""Clocks of workers and of the listener jump under load: nothing is lost, doubled or overtaken.

SQLite asks the clock of the process that has it open, so each sees its own time. Real processes;
all data are synthetic.
"""

import random
import secrets
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from tests.faults.clocks import Clock, clocks
from tests.faults.fire import BurningHouse, burning, families_of
from tests.faults.fire import Plan as Load
from tests.faults.fragile import FragileHouse
from tests.faults.load import Engine, Gate, until
from tests.faults.witness import Findings, examine

from wherry.ports import State

pytestmark = pytest.mark.slow

JUMPING = ("hl7-feed", "hl7-worker", "hl7-worker-2")
JUMPS_S = (0, 3600, -3600, 86_400, -86_400, 30, -30)
LOAD = Load(seed=secrets.randbelow(2**31), messages=80, kills=0, families=4)
STEPS = 7
ENDS_WITHIN_S = 60.0


@pytest.fixture
def place(tmp_path: Path) -> Iterator[tuple[BurningHouse, list[Clock]]]:
    watches = clocks([tmp_path / f"{name}.clock" for name in JUMPING])
    (tmp_path / "house").mkdir()

    def prepare(rooms: FragileHouse) -> None:
        for name, one in zip(JUMPING, watches, strict=True):
            rooms.equip(name, one.settings)

    with burning(tmp_path / "house", "sqlite", {"WHERRY_HL7_LEASE_S": "2"}, prepare) as house:
        yield house, watches


def test_clocks_that_jump_fool_nobody(place: tuple[BurningHouse, list[Clock]]) -> None:
    house, watches = place
    print(f"seed {LOAD.seed}")  # pytest shows it when the test fails
    dice = random.Random(LOAD.seed)  # noqa: S311 - choices that can be made again
    families, gate = families_of(LOAD), Gate()
    port = house.rooms.at.port("mllp")
    engines = [Engine(port, [family], gate) for family in families]
    for engine in engines:
        engine.start()
    for share in range(1, STEPS + 1):
        gate.open_until = LOAD.messages * share // STEPS
        dice.choice(watches).set(dice.choice(JUMPS_S))
        time.sleep(0.5)

    sent = until(lambda: not any(engine.is_alive() for engine in engines), ENDS_WITHIN_S)
    for one in watches:
        one.set(0)
    gate.over = True
    drained = until(house.drained, ENDS_WITHIN_S)
    found = Findings()
    for family in families:
        found.add(examine(family, house.fhir))

    assert (sent, drained) == (True, True)
    assert found == Findings(stored=LOAD.messages)
    assert (gate.acked, house.count(State.ASIDE)) == (LOAD.messages, 0)
