"""A worker process for tests: says what happens; a line on standard input makes work to be seen."""

import signal
import sys
import threading
import time

from wherry.adapters.rq_worker import run_worker, stopping
from wherry.errors import Failure, Kind
from wherry.logs import configure

work = threading.Event()


def say(what: str) -> None:
    print(what, flush=True)


def listen() -> None:
    for _ in sys.stdin:
        work.set()


def hl7() -> None:
    work.clear()
    say("drained")


def slow() -> None:
    say("began")
    while not stopping():
        time.sleep(0.01)
    say("ended")


def held() -> None:
    work.clear()
    say("began")
    work.wait()
    say("ended")


def stuck() -> None:
    say("began")
    time.sleep(3600)


def fails() -> None:
    say("began")
    raise Failure(Kind.UNAVAILABLE, "the FHIR server is away", at="fhir")


def breaks() -> None:
    say("began")
    raise ValueError("Synthetic^Patient")


def late() -> None:
    say("began")
    try:
        signal.raise_signal(signal.SIGALRM)  # what RQ sets for the end of a job's time
    except Exception:  # as at the edge of a drain: the end of a job's time must pass through it
        say("took it for a fault of the message")


def main() -> None:
    configure("test")
    threading.Thread(target=listen, daemon=True).start()
    name, url = sys.argv[1:]
    jobs = {job.__name__: job for job in (hl7, slow, held, stuck, fails, breaks, late)}
    run_worker(name, url, jobs, sweep=work.is_set, sweep_every_s=0.05)
    say("stopped")


if __name__ == "__main__":
    main()
