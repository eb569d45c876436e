"""A feed, days of readings and a running suite become a balance, and the cards of two people."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from rich.console import Console

from wherry.errors import Failure, Kind
from wherry.suite.addresses import HOST
from wherry.suite.demo import asking, history, reading, screen, waiting
from wherry.suite.demo.comparison import Line, balance, readings, record
from wherry.suite.demo.day import Day
from wherry.suite.demo.expected import EXPECTED_OF_BEST, EXPECTED_OF_WORST, Expected
from wherry.suite.demo.feed import Feed
from wherry.suite.demo.fetched import Ending, fetched
from wherry.suite.demo.roster import BEST, PEOPLE, WORST, Person
from wherry.suite.demo.running import Running
from wherry.suite.demo.sending import send


def play(
    running: Running,
    feed: Feed,
    days: Sequence[Day],
    shown: Console,
    errors: Console,
) -> None:
    """Send, wait, count, ask.

    Raises: Failure at the part of the suite that did not do what it should.
    """
    with screen.progress(errors) as progress:
        total, people = len(feed.messages), len(feed.mrns)
        sending = progress.add_task("Sending over MLLP", total=total)
        storing = progress.add_task("Storing as FHIR", total=total)
        checking = progress.add_task("Reading back", total=people)
        before = waiting.counts(running.hl7)
        send(
            feed.messages,
            HOST,
            running.at.port("mllp"),
            sent=lambda: progress.advance(sending),
        )
        waiting.until_stored(
            running.hl7,
            before,
            progress=lambda left: progress.update(storing, completed=max(0, total - left)),
        )
        held = reading.held(running.fhir, feed, looked=lambda: progress.advance(checking))
    agree(balance(feed, held), shown)
    ids = {mrn: found[0]["id"] for mrn, found in held.patients.items()}
    agree(play_home(running, days, ids, errors), shown, "readings at home")
    visits = {mrn: found[0]["id"] for mrn, found in held.encounters.items() if found}
    ends_at = max(at for _, _, at in feed.reports)
    agree([play_history(running, ids, visits, ends_at, errors)], shown)
    waiting.until_assessed(running.fhir, [ids[WORST.mrn], ids[BEST.mrn]])
    show(running, shown, BEST, ids[BEST.mrn], EXPECTED_OF_BEST, prefetch=True)
    show(running, shown, WORST, ids[WORST.mrn], EXPECTED_OF_WORST, prefetch=False)
    shown.print(screen.ending(charts(days, ids, running.at.chart)))


def agree(lines: Sequence[Line], shown: Console, of: str = "resource") -> None:
    """Show the balance. Raises: Failure(UNPROCESSABLE) unless it is even."""
    shown.print(screen.balance(lines, of))
    if wrong := [line.name for line in lines if not line.even]:
        raise Failure(Kind.UNPROCESSABLE, f"the numbers differ for {', '.join(wrong)}", at="demo")


def charts(days: Sequence[Day], ids: Mapping[str, str], base: str) -> list[tuple[Person, str, str]]:
    """Who has readings at home, of what, and where their chart is; the first of the days last."""
    people = {person.mrn: person for person in PEOPLE}
    return [(people[day.mrn], day.title, f"{base}/{ids[day.mrn]}") for day in reversed(days)]


def play_home(
    running: Running, days: Sequence[Day], ids: Mapping[str, str], errors: Console
) -> list[Line]:
    """Bring in what each person's devices measured, wait, and read it back by source."""
    lines = []
    with screen.progress(errors) as progress:
        bringing = progress.add_task("Readings at home", total=2 * len(days))
        before = waiting.counts(running.hl7)
        endings = []
        for day in days:
            endings.append(bring(running, day, ids[day.mrn]))
            progress.advance(bringing)
        for end in endings:
            end()
            progress.advance(bringing)
        checking = progress.add_task("Reading back", total=len(days))
        waiting.until_stored(
            running.hl7, before, progress=lambda left: None, worker="devices-worker"
        )
        for day in days:
            found = reading.readings(running.fhir, day.mrn, ids[day.mrn], day.begins)
            lines.append(readings(day.title, day.results, found))
            progress.advance(checking)
    return lines


def bring(running: Running, day: Day, patient: str) -> Ending:
    """One day: out of a vendor's cloud where it is one and there is a sandbox of it, else sent.

    What is returned waits for what a vendor corrects later.
    """
    if day.cloud and running.vendors:
        return fetched(
            day,
            day.cloud,
            patient,
            lambda: reading.readings(running.fhir, day.mrn, patient, day.begins),
            vendors=running.vendors,
            devices=running.devices,
        )
    for one in day.bindings:
        running.devices.put("/v1/bindings", {**one, "patient": patient})
    for payload in day.payloads:
        running.devices.post(f"/v1/sources/{day.source}", payload)
    return lambda: None


def play_history(
    running: Running,
    ids: Mapping[str, str],
    visits: Mapping[str, str],
    at: datetime,
    errors: Console,
) -> Line:
    """Bring orders and documents in through the FHIR API, and read them back."""
    sent: list[reading.Identity] = []
    found: list[reading.Identity] = []
    with screen.progress(errors) as progress:
        writing = progress.add_task("Orders and documents", total=len(PEOPLE))
        for person in PEOPLE:
            made = history.resources(person, ids[person.mrn], visits[person.mrn], at)
            running.fhir.send(history.bundle(made))
            sent += history.identifiers(made)
            types = sorted({type_ for type_, _ in history.identifiers(made)})
            found += reading.known_by(running.fhir, history.SYSTEM, ids[person.mrn], types)
            progress.advance(writing)
    return record(sent, found)


def show(
    running: Running,
    shown: Console,
    person: Person,
    id_: str,
    expected: Expected,
    *,
    prefetch: bool,
) -> None:
    """Open one chart as an EHR would, and print the answer.

    Raises: Failure(UNPROCESSABLE) when no card is as urgent, or is about what, it must be.
    """
    given = access(running, expected.service, id_, prefetch=prefetch)
    cards = asking.ask(running.cds, expected.service, id_, given)
    how = "prefetched data" if prefetch else "data that the service read itself"
    title = f"{person.given} {person.family}, {person.course.value}: {expected.service} from {how}"
    shown.print(screen.answer(title, cards, f"{running.at.chart}/{id_}"))
    if not any(expected.met_by(card) for card in cards):
        raise Failure(Kind.UNPROCESSABLE, f"{expected.service} should have {expected}", at="cds")


def access(running: Running, service: str, id_: str, *, prefetch: bool) -> Mapping[str, Any]:
    """What the service works from."""
    if prefetch:
        return asking.by_prefetch(running.cds, running.fhir_web, service, id_)
    return asking.by_reading(running.at.fhir, running.fhir_token)
