"""A house under load whose processes, queue and database are killed at random moments."""

import random
import time
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path

from tests.faults.families import Family
from tests.faults.fragile import FragileHouse
from tests.faults.load import Engine, Gate, until
from tests.faults.servers import PostgresServer, RedisServer
from tests.faults.witness import Findings, examine
from tests.life.house import TOKEN

from wherry.adapters.fhir_http import HttpFhir
from wherry.adapters.http import session
from wherry.adapters.inbox_desk import SqlInboxDesk
from wherry.adapters.sql import make_engine
from wherry.errors import Failure
from wherry.ports import State

UNFINISHED = (State.WAITING, State.CLAIMED)
ENGINES, WINDOW = 8, 6
_FLUSH_EVERY = 3
_RECOVERS_WITHIN_S = 120.0
_DRAINS_WITHIN_S = 900.0
# The processes that have a SQLite file open die together when the database "is killed".
_ALL = ("hl7-feed", "hl7-worker", "hl7-worker-2", "ehr")


@dataclass(frozen=True, slots=True)
class Plan:
    """How long and how hard; the seed makes the same choices, not the same timing.

    What was killed stays away for `longest_pause_s` at most before it is started again, the FHIR
    server once for `away_s`. Redis is flushed besides.
    """

    seed: int
    messages: int
    kills: int
    families: int
    longest_pause_s: float = 1.0
    away_s: float = 0.0


@dataclass(slots=True)
class Report:
    """What came of it."""

    sent: int = 0
    acked: int = 0
    refused: int = 0
    unfinished: int = 0
    aside: int = 0
    seconds: float = 0.0
    kills: Counter[str] = field(default_factory=Counter)
    flushes: int = 0
    longest_recovery_s: float = 0.0
    slowest: str = ""
    findings: Findings = field(default_factory=Findings)

    @property
    def resent(self) -> int:
        """Messages that were sent again because no acknowledgment came."""
        return self.sent - self.acked

    def flawless(self, plan: Plan) -> bool:
        """Whether nothing was lost, doubled, out of order, set aside or left over."""
        all_stored = self.findings.stored == self.acked == plan.messages
        return all_stored and self.findings.none() and not (self.aside + self.unfinished)


Tell = Callable[[str, int, int], None]
"""Hears of progress: what is done, how much of it, how much of it there is."""


def untold(_what: str, _done: int, _all: int) -> None:
    """Nobody listens."""


@contextmanager
def burning(
    directory: Path,
    database: str,
    settings: Mapping[str, str],
    prepare: Callable[[FragileHouse], None] = lambda _: None,
) -> Iterator["BurningHouse"]:
    """A house on `sqlite` or `postgresql`, whose servers are all its own.

    `prepare` is called before anything starts.
    """
    redis = RedisServer(directory / "redis")
    postgres = PostgresServer() if database == "postgresql" else None
    try:
        redis.start()
        urls = [postgres.create(name) if postgres else "" for name in ("inbox", "ehr")]
        rooms = FragileHouse(
            directory,
            redis.url,
            database_url=urls[0],
            ehr_database_url=urls[1],
            settings=settings,
        )
        prepare(rooms)
        try:
            rooms.enter("inbox-tables", "ehr-tables")
            rooms.enter(*_ALL)
            house = BurningHouse(rooms, redis, postgres)
            try:
                yield house
            finally:
                house.close()
        finally:
            rooms.close()
    finally:
        redis.kill()
        if postgres:
            postgres.close()


class BurningHouse:
    """A house whose every part can die and come back."""

    def __init__(
        self, rooms: FragileHouse, redis: RedisServer, postgres: PostgresServer | None
    ) -> None:
        self.rooms = rooms
        self.redis = redis
        self.postgres = postgres
        self._engine = make_engine(rooms.database_url)
        self.desk = SqlInboxDesk(self._engine)
        self.fhir = HttpFhir(rooms.at.fhir, session(token=TOKEN, read_s=60.0))

    def victims(self) -> Sequence[str]:
        """Who can be killed."""
        backends = ("backend",) if self.postgres else ()
        return (*_ALL, "redis", "database", *backends)

    def close(self) -> None:
        """Give the connections of the desk back."""
        self._engine.dispose()

    def kill(self, victim: str, dice: random.Random, pause_s: float) -> None:
        """SIGKILL, a pause, and up again until it answers."""
        if victim == "redis":
            self.redis.kill()
            time.sleep(pause_s)
            self.redis.start()
        elif victim == "backend" and self.postgres:
            self.postgres.kill_backend(dice)
        elif victim == "database" and self.postgres:
            self.postgres.kill()
            time.sleep(pause_s)
            self.postgres.start()
        else:
            names = _ALL if victim == "database" else (victim,)
            for name in names:
                self.rooms.kill(name)
            time.sleep(pause_s)
            self.rooms.enter(*names)

    def count(self, *states: State) -> int:
        """How many messages are in these states; -1 while the database is away."""
        try:
            counts = self.desk.counts()
        except Failure:
            return -1
        return sum(counts.get(("hl7", state), 0) for state in states)

    def drained(self) -> bool:
        """Whether every message has ended."""
        return self.count(*UNFINISHED) == 0

    def flows(self, acked: Callable[[], int]) -> Callable[[], bool]:
        """Whether, from now on, messages were acknowledged and messages were stored."""
        acked_then, done_then = acked(), self.count(State.DONE)

        def look() -> bool:
            done = self.count(State.DONE)
            return acked() > acked_then and done > max(done_then, 0)

        return look


def endure(house: BurningHouse, plan: Plan, tell: Tell = untold) -> Report:
    """Send, kill, wait until all has ended, and ask the FHIR server what it has."""
    dice = random.Random(plan.seed)  # noqa: S311 - choices that can be made again
    began_s = time.monotonic()
    report, gate, families = Report(), Gate(), families_of(plan)
    engines = [
        Engine(house.rooms.at.port("mllp"), families[n::ENGINES], gate, window=1 + n % 2 * WINDOW)
        for n in range(ENGINES)
    ]
    for engine in engines:
        engine.start()
    try:
        _Rage(house, plan, gate, dice, tell).vent(report)
        sending = _told(tell, "acknowledged", lambda: gate.acked, plan.messages)
        until(
            lambda: sending() and not any(engine.is_alive() for engine in engines),
            _DRAINS_WITHIN_S,
        )
    finally:
        gate.over = True
        for engine in engines:
            engine.join()
    report.sent, report.acked, report.refused = gate.sent, gate.acked, gate.refused
    storing = _told(tell, "stored", lambda: house.count(State.DONE), plan.messages)
    until(lambda: storing() and house.drained(), _DRAINS_WITHIN_S)
    report.seconds = time.monotonic() - began_s
    report.unfinished, report.aside = house.count(*UNFINISHED), house.count(State.ASIDE)
    for n, family in enumerate(families):
        tell("read back", n, len(families))
        report.findings.add(examine(family, house.fhir))
    return report


def families_of(plan: Plan) -> list[Family]:
    """So many families that all their messages are those of the plan."""
    each, more = divmod(plan.messages, plan.families)
    return [Family(f"S{plan.seed}F{n}", each + (n < more)) for n in range(plan.families)]


@dataclass(frozen=True, slots=True)
class _Rage:
    """What kills, and who is to hear of it."""

    house: BurningHouse
    plan: Plan
    gate: Gate
    dice: random.Random
    tell: Tell

    def vent(self, report: Report) -> None:
        """Kill at random numbers of acknowledged messages; the load goes on until the last one."""
        plan, gate = self.plan, self.gate
        moments = sorted(
            self.dice.sample(range(plan.messages // 20, plan.messages * 19 // 20), plan.kills)
        )
        sending = _told(self.tell, "acknowledged", lambda: gate.acked, plan.messages)
        for n, (moment, victim) in enumerate(zip(moments, self._victims(), strict=True)):
            gate.open_until = moments[n + 1] if n + 1 < plan.kills else plan.messages
            until(partial(_reached, gate, moment, sending), _RECOVERS_WITHIN_S)
            time.sleep(self.dice.uniform(0.0, 0.1))
            self.tell(f"kill {victim}", n + 1, plan.kills)
            first = not report.kills[victim]
            recovery_s = self._kill(victim, self.plan.away_s if first and victim == "ehr" else 0.0)
            report.kills[victim] += 1
            if n % _FLUSH_EVERY == 0:
                self.house.redis.flush()
                report.flushes += 1
            if recovery_s > report.longest_recovery_s:
                report.longest_recovery_s, report.slowest = recovery_s, victim
        gate.open_until = plan.messages

    def _victims(self) -> list[str]:
        """All of them in a random order, again and again."""
        all_ = self.house.victims()
        rounds = -(-self.plan.kills // len(all_))
        every = [one for _ in range(rounds) for one in self.dice.sample(all_, k=len(all_))]
        return every[: self.plan.kills]

    def _kill(self, victim: str, away_s: float) -> float:
        """Kill and bring back; seconds until messages were acknowledged and stored again.

        What it was meant to be away does not count.
        """
        began_s = time.monotonic()
        pause_s = self.dice.uniform(0.0, self.plan.longest_pause_s)
        self.house.kill(victim, self.dice, away_s or pause_s)
        flows = self.house.flows(lambda: self.gate.acked)

        def again() -> bool:
            # whoever is done waiting for the next kill has recovered
            return flows() or (not self.gate.room() and self.house.drained())

        until(again, _RECOVERS_WITHIN_S)
        return time.monotonic() - began_s - away_s


def _reached(gate: Gate, moment: int, sending: Callable[[], bool]) -> bool:
    return sending() and gate.acked >= moment


def _told(tell: Tell, what: str, count: Callable[[], int], all_: int) -> Callable[[], bool]:
    """Tells how far it is whenever it is asked; always true."""

    def look() -> bool:
        tell(what, count(), all_)
        return True

    return look
