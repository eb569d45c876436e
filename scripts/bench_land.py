"""Prints the median µs of landing one message beside those of reading and translating it.

Landing is measured without the server: its answers are made up, but encoded and decoded as JSON.
"""

import statistics
import time
from collections.abc import Callable
from datetime import UTC, datetime

from bench_messages import adt, oru
from wherry.codec import decode, encode
from wherry.hl7.message import Message
from wherry.landing import land
from wherry.resource import Bundle, Entry, Resource, Translation
from wherry_hl7.translate import DEFAULT, translate

TIME = "20260105083000+0000"
RECEIVED_AT = datetime(2026, 1, 5, 8, 30, tzinfo=UTC)
GROUP = 50


class Answers:
    """A FHIR server that has nothing yet and takes everything; only its client side costs time."""

    def __init__(self) -> None:
        self.spent_s = 0.0

    def send(self, bundle: Bundle) -> Bundle:
        encode(bundle)
        started = time.process_time()
        reading = bundle["type"] == "batch"
        body = encode([_found() if reading else _made(n) for n in range(len(bundle["entry"]))])
        self.spent_s += time.process_time() - started
        return {
            "resourceType": "Bundle",
            "type": f"{bundle['type']}-response",
            "entry": decode(body),
        }

    def read(self, type_: str, id_: str) -> Resource:
        raise NotImplementedError

    def search(self, type_: str, params: object, *, limit: int = 1000) -> list[Resource]:
        raise NotImplementedError

    def create(self, resource: Resource) -> str:
        raise NotImplementedError

    def ping(self) -> None:
        raise NotImplementedError


def _found() -> Entry:
    nothing = {"resourceType": "Bundle", "type": "searchset", "total": 0, "entry": []}
    return {"resource": nothing, "response": {"status": "200 OK"}}


def _made(n: int) -> Entry:
    return {"response": {"status": "201 Created", "location": f"X/{n}/_history/1", "etag": 'W/"1"'}}


def _median_us(work: Callable[[], object], repeat: int) -> float:
    times = []
    for _ in range(repeat):
        started = time.process_time()
        work()
        times.append(time.process_time() - started)
    return statistics.median(times) * 1e6


def _translation(data: bytes) -> Translation:
    return translate(Message.parse(data), sender=DEFAULT, received_at=RECEIVED_AT)


def _land_us(make: Callable[[int, int, str], bytes]) -> float:
    times = []
    for start in range(0, 20 * GROUP, GROUP):
        group = [_translation(make(start + n, start + n, TIME)) for n in range(GROUP)]
        fhir = Answers()
        started = time.process_time()
        land(group, fhir)
        times.append((time.process_time() - started - fhir.spent_s) / GROUP)
    return statistics.median(times) * 1e6


def main() -> None:
    for name, make in (("ADT^A08", adt), ("ORU^R01, 20 OBX", oru)):
        data = make(1, 1, TIME)
        message = Message.parse(data)
        read_us = _median_us(lambda data=data: Message.parse(data), 2000)  # type: ignore[misc]
        translate_us = _median_us(
            lambda m=message: translate(m, sender=DEFAULT, received_at=RECEIVED_AT),  # type: ignore[misc]
            1000,
        )
        land_us = _land_us(make)
        print(f"{name}, {len(data)} bytes, median CPU µs for one message")
        print(f"  read              {read_us:10.1f}")
        print(f"  translate         {translate_us:10.1f}")
        print(f"  land (groups of {GROUP}, client side) {land_us:.1f}")
        print(f"  together          {read_us + translate_us + land_us:10.1f}")


if __name__ == "__main__":
    main()
