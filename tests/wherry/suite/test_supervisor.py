"""The supervisor with real, tiny child processes."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from wherry.errors import Failure, Kind
from wherry.suite import guard
from wherry.suite.child import Child, Status
from wherry.suite.place import Place
from wherry.suite.processes import Process
from wherry.suite.supervisor import KILL_AFTER_S, Supervisor, pause_after

PATIENCE_S = 20.0
SLEEPER = "import time; time.sleep(60)"
STUBBORN = (
    "import signal, time\n"
    "signal.signal(signal.SIGTERM, signal.SIG_IGN)\n"
    "print('deaf', flush=True)\n"
    "time.sleep(60)"
)
PARENT = (
    "import subprocess, sys, time\n"
    "child = subprocess.Popen([sys.executable, '-c', 'import time; time.sleep(60)'])\n"
    "print(child.pid, flush=True)\n"
    "time.sleep(60)"
)
# a supervisor of its own process, to be killed; it names its children's groups
SUPERVISED = """
import sys
from pathlib import Path
from wherry.suite.place import Place
from wherry.suite.processes import Process
from wherry.suite.supervisor import Supervisor

place = Place(Path(sys.argv[1]))
place.prepare()
rows = [Process(n, (sys.executable, "-c", sys.argv[2])) for n in ("one", "two")]
supervisor = Supervisor(rows, place, tell=lambda child: None)
supervisor.start()
print(*(child.group for child in supervisor.children), flush=True)
supervisor.watch()
"""


def row(
    name: str, code: str, *, once: bool = False, needs: frozenset[str] = frozenset()
) -> Process:
    return Process(name, (sys.executable, "-c", code), needs=needs, once=once)


def until(condition: Callable[[], bool], step: Callable[[], None] = lambda: None) -> None:
    deadline = time.monotonic() + PATIENCE_S
    while not condition():
        assert time.monotonic() < deadline, "it did not happen in time"
        step()


@pytest.fixture
def place(tmp_path: Path) -> Place:
    made = Place(tmp_path)
    made.prepare()
    return made


@pytest.fixture
def supervise(place: Place) -> Iterator[Callable[..., Supervisor]]:
    running: list[Supervisor] = []

    def make(*rows: Process, told: list[tuple[str, Status]] | None = None) -> Supervisor:
        def tell(child: Child) -> None:
            if told is not None:
                told.append((child.process.name, child.status))

        running.append(Supervisor(rows, place, tell=tell))
        return running[-1]

    yield make
    for supervisor in running:
        supervisor.stop()


def test_a_child_that_dies_is_started_again(supervise: Callable[..., Supervisor]) -> None:
    told: list[tuple[str, Status]] = []
    supervisor = supervise(row("sleeper", SLEEPER), told=told)
    supervisor.start()
    first = supervisor.children[0].group

    guard.send(first, signal.SIGKILL)
    until(lambda: ("sleeper", Status.READY) in told, supervisor.look)

    assert told == [("sleeper", Status.RESTARTING), ("sleeper", Status.READY)]
    assert supervisor.children[0].group not in (0, first)


def test_a_child_leads_a_group_within_our_session_where_nice_is_weighed(
    supervise: Callable[..., Supervisor],
) -> None:
    supervisor = supervise(row("sleeper", SLEEPER))
    supervisor.start()

    pid = supervisor.children[0].group

    assert os.getpgid(pid) == pid, "Ctrl-C in the terminal must not reach it"
    assert os.getsid(pid) == os.getsid(0), "Linux compares nice within a session only"


def test_a_child_that_keeps_dying_is_given_up_and_the_others_stay(
    supervise: Callable[..., Supervisor],
) -> None:
    supervisor = supervise(row("sleeper", SLEEPER), row("dying", SLEEPER))
    supervisor.start()
    sleeper, dying = supervisor.children
    dying.deaths_s += [time.monotonic()] * 4

    guard.send(dying.group, signal.SIGKILL)
    until(lambda: dying.status is Status.GIVEN_UP, supervisor.look)

    assert sleeper.alive()


def test_a_child_that_was_given_up_is_tried_again_after_a_minute(
    supervise: Callable[..., Supervisor],
) -> None:
    supervisor = supervise(row("dying", SLEEPER))
    supervisor.start()
    (dying,) = supervisor.children
    dying.deaths_s += [time.monotonic()] * 4
    guard.send(dying.group, signal.SIGKILL)
    until(lambda: dying.status is Status.GIVEN_UP, supervisor.look)

    dying.restart_at_s -= 60.0
    until(lambda: dying.status is Status.READY, supervisor.look)

    assert dying.alive()


@pytest.mark.parametrize(
    ("deaths_s", "pause_s"),
    [
        ([100.0], 0.2),
        ([99.0, 100.0], 0.4),
        ([97.0, 98.0, 99.0, 100.0], 1.6),
        ([96.0, 97.0, 98.0, 99.0, 100.0], None),
        ([1.0, 2.0, 3.0, 4.0, 100.0], 0.2),
    ],
    ids=["first", "second", "fourth", "fifth in a minute", "old ones do not count"],
)
def test_the_pause_doubles_until_a_child_is_given_up(
    deaths_s: list[float], pause_s: float | None
) -> None:
    assert pause_after(deaths_s, 100.0) == pause_s


def test_all_stop_in_time_even_one_that_ignores_sigterm(
    supervise: Callable[..., Supervisor], place: Place
) -> None:
    supervisor = supervise(row("sleeper", SLEEPER), row("stubborn", STUBBORN))
    supervisor.start()
    until(lambda: place.log_file("stubborn").stat().st_size > 0)
    groups = [child.group for child in supervisor.children]
    began_s = time.monotonic()

    supervisor.stop()

    assert time.monotonic() - began_s < KILL_AFTER_S + 1
    assert [guard.send(group, 0) for group in groups] == [False, False]


def test_children_of_a_child_that_died_are_ended_with_it(
    supervise: Callable[..., Supervisor], place: Place
) -> None:
    supervisor = supervise(row("parent", PARENT))
    supervisor.start()
    until(lambda: place.log_file("parent").read_text().endswith("\n"))
    group = supervisor.children[0].group

    os.kill(group, signal.SIGKILL)  # the leader alone
    until(lambda: supervisor.children[0].group != group, supervisor.look)

    until(lambda: not guard.send(group, 0))


def test_no_orphan_is_left_when_the_supervisor_is_killed(tmp_path: Path) -> None:
    with subprocess.Popen(
        [sys.executable, "-c", SUPERVISED, str(tmp_path), PARENT], stdout=subprocess.PIPE
    ) as supervisor:
        assert supervisor.stdout is not None
        groups = [int(number) for number in supervisor.stdout.readline().split()]
        assert [guard.send(group, 0) for group in groups] == [True, True]

        supervisor.kill()

        until(lambda: not any(guard.send(group, 0) for group in groups))


def test_a_process_starts_only_after_those_it_needs(
    supervise: Callable[..., Supervisor], place: Place
) -> None:
    supervisor = supervise(
        row("second", "import sys; sys.exit(0)", needs=frozenset({"first"}), once=True),
        row("first", "import sys; sys.exit(0)", once=True),
    )

    supervisor.look()
    statuses = [child.status for child in supervisor.children]
    supervisor.start()

    assert statuses == [Status.WAITING, Status.STARTING]
    assert [child.status for child in supervisor.children] == [Status.FINISHED] * 2


@pytest.mark.parametrize(
    "broken",
    [row("broken", "raise SystemExit(3)", once=True), Process("broken", ("/no/such/program",))],
    ids=["ends badly", "is not there"],
)
def test_a_start_that_fails_names_the_process(
    supervise: Callable[..., Supervisor], broken: Process
) -> None:
    supervisor = supervise(row("sleeper", SLEEPER), broken)

    with pytest.raises(Failure) as caught:
        supervisor.start()

    assert (caught.value.kind, caught.value.at) == (Kind.UNAVAILABLE, "broken")
