"""A real worker process: tickets, sweeps, signals, and a Redis that goes away and comes back."""

import json
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from redis import Redis
from rq import Callback, Queue
from rq.serializers import JSONSerializer

from wherry.adapters import redis_server
from wherry.adapters.rq_queue import RqQueue

pytestmark = pytest.mark.slow

PROGRAM = Path(__file__).with_name("worker_program.py")


class Worker:
    """One worker process on one queue."""

    def __init__(self, name: str, url: str) -> None:
        self.process = subprocess.Popen(
            [sys.executable, str(PROGRAM), name, url],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )

    def says(self) -> str:
        assert self.process.stdout
        return self.process.stdout.readline().strip()

    def see_work(self) -> None:
        assert self.process.stdin
        self.process.stdin.write("work\n")
        self.process.stdin.flush()

    def logs(self) -> str:
        """What it logged, up to its first warning or its end."""
        assert self.process.stderr
        lines = []
        for line in self.process.stderr:
            lines.append(line)
            if '"level": "info"' not in line:
                break
        return "".join(lines)

    def stop(self) -> int:
        self.process.terminate()
        return self.process.wait(15)

    def close(self) -> None:
        self.process.kill()
        self.process.communicate()


@pytest.fixture
def workers() -> Iterator[list[Worker]]:
    """Workers put here are gone after the test."""
    started: list[Worker] = []
    yield started
    for worker in started:
        worker.close()


def start(workers: list[Worker], name: str, url: str) -> Worker:
    workers.append(Worker(name, url))
    return workers[-1]


def ticket(url: str, name: str) -> None:
    queue = RqQueue(url)
    queue.ticket(name)
    queue.close()


def test_a_ticket_wakes_the_worker_again_and_again(redis_url: str, workers: list[Worker]) -> None:
    worker = start(workers, "hl7", redis_url)

    said = []
    for _ in range(3):
        ticket(redis_url, "hl7")
        said.append(worker.says())

    assert said == ["drained"] * 3


def test_work_without_a_ticket_is_found_by_the_sweep(redis_url: str, workers: list[Worker]) -> None:
    worker = start(workers, "hl7", redis_url)

    worker.see_work()

    assert worker.says() == "drained"


def test_a_flushed_redis_loses_no_work(redis_url: str, workers: list[Worker]) -> None:
    worker = start(workers, "hl7", redis_url)
    ticket(redis_url, "hl7")
    worker.says()
    with Redis.from_url(redis_url) as redis:
        redis.flushall()

    worker.see_work()

    assert worker.says() == "drained"


def test_a_worker_outlives_its_redis(tmp_path: Path, workers: list[Worker]) -> None:
    first = redis_server.start(tmp_path)
    port = int(first.url.rpartition(":")[2].partition("/")[0])
    worker = start(workers, "hl7", first.url)
    ticket(first.url, "hl7")
    worker.says()
    first.stop()
    worker.see_work()
    logged = worker.logs()
    second = restarted(tmp_path, port, first.url)

    said = worker.says()
    code = worker.stop()
    second.terminate()
    second.wait()

    assert (said, code) == ("drained", 0)
    assert json.loads(logged.splitlines()[-1])["event"] in {
        "rq_warned",  # RQ waits for it
        "queue_lost",  # or gave up, and is started again
        "sweep_failed",
    }


def test_a_redis_that_dies_during_a_drain_does_not_end_the_worker(
    tmp_path: Path, workers: list[Worker]
) -> None:
    first = redis_server.start(tmp_path)
    port = int(first.url.rpartition(":")[2].partition("/")[0])
    worker = start(workers, "held", first.url)
    ticket(first.url, "held")
    said = [worker.says()]
    first.stop()
    worker.see_work()
    said += [worker.says()]
    second = restarted(tmp_path, port, first.url)

    said += [worker.says()]  # the sweep still sees work
    worker.process.kill()
    second.terminate()
    second.wait()

    assert said == ["began", "ended", "began"]


def restarted(directory: Path, port: int, url: str) -> "subprocess.Popen[bytes]":
    """The same server once more, with the same port and password."""
    password = url.partition("://:")[2].partition("@")[0]
    config = directory / "again.conf"
    config.write_text(redis_server.configuration(port, password))
    binary = redis_server.find_server()
    assert binary
    return subprocess.Popen([str(binary), str(config)], cwd=directory, stdout=subprocess.DEVNULL)


def test_a_ticket_of_a_killed_worker_is_made_anew(redis_url: str, workers: list[Worker]) -> None:
    dead = start(workers, "hl7", redis_url)
    ticket(redis_url, "hl7")
    dead.says()
    dead.process.send_signal(signal.SIGKILL)
    dead.process.wait()
    ticket(redis_url, "hl7")
    with Redis.from_url(redis_url) as redis:  # taken from the queue, flag up, never run
        redis.lmove("rq:queue:hl7", "rq:queue:hl7:intermediate")

    heir = start(workers, "hl7", redis_url)
    heir.see_work()

    assert heir.says() == "drained"


def test_an_idle_worker_stops_on_sigterm(redis_url: str, workers: list[Worker]) -> None:
    worker = start(workers, "hl7", redis_url)
    ticket(redis_url, "hl7")
    worker.says()

    assert worker.stop() == 0
    assert worker.says() == "stopped"


def test_a_working_worker_ends_its_step_first(redis_url: str, workers: list[Worker]) -> None:
    worker = start(workers, "slow", redis_url)
    ticket(redis_url, "slow")
    worker.says()

    code = worker.stop()

    assert (code, worker.says(), worker.says()) == (0, "ended", "stopped")


def test_a_stuck_worker_is_gone_within_seconds(redis_url: str, workers: list[Worker]) -> None:
    worker = start(workers, "stuck", redis_url)
    ticket(redis_url, "stuck")
    worker.says()

    worker.process.terminate()

    assert worker.process.wait(10) == 1


@pytest.mark.parametrize(
    ("name", "event", "facts"),
    [
        ("fails", "job_failed", {"kind": "UNAVAILABLE", "at": "fhir"}),
        ("breaks", "job_broke", {"error": "ValueError"}),
        ("late", "job_out_of_time", {}),
    ],
)
def test_a_drain_that_fails_is_logged_without_its_text_and_may_be_called_again(
    redis_url: str, workers: list[Worker], name: str, event: str, facts: dict[str, str]
) -> None:
    worker = start(workers, name, redis_url)
    ticket(redis_url, name)
    worker.says()
    line = worker.logs().splitlines()[-1]
    ticket(redis_url, name)

    again = worker.says()
    code = worker.stop()
    with Redis.from_url(redis_url) as redis:
        left = b"".join(
            redis.dump(key) or b"" for key in redis.scan_iter() if not key.startswith(b"rq:worker")
        )

    logged = json.loads(line)
    assert logged["event"] == event
    assert {key: logged[key] for key in facts} == facts
    assert (again, code) == ("began", 0)
    assert "Synthetic" not in line
    assert b"Synthetic" not in left


def test_nothing_that_lies_in_redis_chooses_what_runs(
    redis_url: str, workers: list[Worker], tmp_path: Path
) -> None:
    worker = start(workers, "hl7", redis_url)
    made = tmp_path / "made"
    with Redis.from_url(redis_url) as redis:
        Queue("hl7", connection=redis, serializer=JSONSerializer).enqueue_call(
            "os.mkdir", args=(str(made),), on_success=Callback("os.getcwd")
        )

        assert worker.says() == "drained"

    worker.stop()
    assert not made.exists()
