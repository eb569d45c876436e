"""Measures reading, translating, checking and writing single messages, on one core.

Prints medians of rounds in which all kinds and all readers take turns; CPU time. Nothing is stored,
and nothing here fails when a number is high.
"""

import argparse
import math
import statistics
from collections.abc import Callable
from contextlib import suppress
from datetime import UTC, datetime
from time import process_time

from hl7apy.exceptions import HL7apyException
from hl7apy.parser import parse_message
from rich.console import Console
from rich.table import Table

import bench_samples as samples
import hl7
from wherry.codec import encode
from wherry.errors import Failure
from wherry.fhir.check import problems
from wherry.fhir.r4.written import Seen
from wherry.hl7.message import Message
from wherry_hl7.translate import DEFAULT, translate

RECEIVED_AT = datetime(2026, 1, 5, 8, 30, tzinfo=UTC)
STEPS = ("parse", "translate", "check", "JSON")
BATCH = 40  # different messages of a kind in a round
KINDS: dict[str, Callable[[int], bytes]] = {
    "ORU^R01, 28 OBX": samples.blood_count,
    "ORU^R01, 149 OBX": samples.many_reports,
    "ADT^A01, rich": samples.admission,
    "VXU^V04": samples.vaccination,
    "SIU^S12": samples.appointment,
}
AIMS_MS = {"ORU^R01, 28 OBX": 1.5, "ORU^R01, 149 OBX": 8.0}
GROWTH = (28, 56, 112, 224)
MEGABYTES = (5, 10, 50)


def steps(data: bytes) -> list[float]:
    """Seconds of each step of one message. Raises: Failure when it is not translated.

    `translate` checks what it makes, once; the check is measured by itself and taken off there.
    """
    begin = process_time()
    message = Message.parse(data)
    parsed = process_time()
    made = translate(message, sender=DEFAULT, received_at=RECEIVED_AT)
    translated = process_time()
    seen: Seen = {}
    for entry in made.bundle["entry"]:
        problems(entry["resource"], seen)
    checked = process_time()
    encode(made.bundle)
    done = process_time()
    check = checked - translated
    return [parsed - begin, max(0.0, translated - parsed - check), check, done - checked]


def batch(bodies: list[bytes]) -> list[float]:
    """Mean seconds of each step, over different messages of a kind."""
    return [statistics.fmean(step) for step in zip(*map(steps, bodies), strict=True)]


def seconds(parse: Callable[[str], object], bodies: list[bytes]) -> float:
    """Mean seconds that another reader takes to read, and no more."""
    begin = process_time()
    for body in bodies:
        parse(body.decode())
    return (process_time() - begin) / len(bodies)


def by_hl7apy(text: str) -> None:
    """Read as hl7apy reads without grouping; with it, it takes longer and drops segments."""
    try:
        parse_message(text, find_groups=False)
    except HL7apyException:
        return


def kinds(rounds: int) -> Table:
    """Milliseconds of each step for each kind of message, beside two other readers."""
    ours: dict[str, list[list[float]]] = {name: [] for name in KINDS}
    others: dict[str, list[tuple[float, float]]] = {name: [] for name in KINDS}
    bodies = {name: [make(n) for n in range(BATCH)] for name, make in KINDS.items()}
    for _ in range(rounds):
        for name, made in bodies.items():
            with suppress(Failure):  # a kind that is not translated has no figures
                ours[name].append(batch(made))
            others[name].append((seconds(by_hl7apy, made[:1]), seconds(hl7.parse, made[:3])))
    head = ("message", "bytes", *STEPS, "total ms", "aim", "hl7apy parse", "python-hl7 parse")
    table = Table(*head, title="One message, ms of CPU", title_justify="left")
    for name, made in bodies.items():
        figures = _figures(ours[name], AIMS_MS.get(name)) if ours[name] else ["-"] * 6
        theirs = [f"{statistics.median(t) * 1e3:.1f}" for t in zip(*others[name], strict=True)]
        table.add_row(name, f"{len(made[0]):,}", *figures, *theirs)
    return table


def _figures(rounds: list[list[float]], aim: float | None) -> list[str]:
    medians = [statistics.median(step) * 1e3 for step in zip(*rounds, strict=True)]
    total = statistics.median(sum(one) for one in rounds) * 1e3
    met = "" if aim is None else f"{aim:g}: {'met' if total <= aim else 'missed'}"
    return [*(f"{one:.3f}" for one in medians), f"{total:.3f}", met]


def growth(rounds: int) -> Table:
    """Milliseconds for 28 to 224 results, and by what power they grow."""
    bodies = {size: [samples.blood_count(n, size) for n in range(10)] for size in GROWTH}
    times: dict[int, list[float]] = {size: [] for size in GROWTH}
    for _ in range(rounds):
        for size, made in bodies.items():
            times[size].append(sum(batch(made)))
    medians = {size: statistics.median(found) * 1e3 for size, found in times.items()}
    head = ("OBX", "total ms", "µs for each OBX")
    table = Table(*head, title="Growth with the results", title_justify="left")
    for size, total in medians.items():
        table.add_row(str(size), f"{total:.3f}", f"{total / size * 1e3:.1f}")
    ends = medians[GROWTH[-1]] / medians[GROWTH[0]]
    power = math.log(ends) / math.log(GROWTH[-1] / GROWTH[0])
    table.caption = f"power of growth: {power:.2f} (1: linear)"
    return table


def attachments() -> Table:
    """Milliseconds for each MB of Base64 in one OBX-5."""
    head = ("MB", *(f"{step} ms" for step in STEPS), "total ms for each MB")
    table = Table(*head, title="Base64 in one OBX-5", title_justify="left")
    for size in MEGABYTES:
        found = steps(samples.attachment(size))
        parts = [f"{one * 1e3:.1f}" for one in found]
        table.add_row(str(size), *parts, f"{sum(found) * 1e3 / size:.1f}")
    return table


def main() -> None:
    """Run all measurements and print them."""
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--rounds", type=int, default=7)
    chosen = options.parse_args()
    out = Console()
    out.print("[bold]Translating a message (one core, nothing stored)")
    out.print(kinds(chosen.rounds))
    out.print(growth(chosen.rounds))
    out.print(attachments())


if __name__ == "__main__":
    main()
