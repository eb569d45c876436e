"""One derived value of one patient: read the window it is made of, make it, store what changed."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta, tzinfo

import structlog

from wherry.errors import Failure, Kind
from wherry.fhir.bundle import known_by, transaction
from wherry.fhir.identity import full_url
from wherry.fhir.merge import merge
from wherry.fhir.references import resolved
from wherry.fhir.systems import LOINC
from wherry.landing import land
from wherry.resource import Entry, Identifier, Resource, Translation
from wherry_devices.deps import Deps
from wherry_devices.derivation.days import Lent, Touched
from wherry_devices.mapping.averages import MEAN_CODE
from wherry_devices.mapping.days import DAY, Window, day_of, runs, start
from wherry_devices.mapping.derived import (
    ERROR,
    SYSTEM,
    Derivation,
    Derived,
    is_of,
    name_of,
    provenance,
    taken_back,
)
from wherry_devices.mapping.instants import zone_of
from wherry_devices.mapping.rules import RULES, Rule
from wherry_devices.mapping.stored import facts, system_of

log = structlog.get_logger()

_MOST_DAYS = 31
"""Days of averages that are made out of one search."""
_MOST_READINGS = 50_000
_PAGE = "500"
_NEWEST = 200
"""Readings that are looked at for the newest one that counts."""
_AT_ONCE = 100
_SETTLING = timedelta(minutes=5)
"""How long after its end a day is looked at for what is made of whole days."""


@dataclass(frozen=True, slots=True)
class _Task:
    """Whose value is made by which rule, and who waits for it."""

    deps: Deps
    rule: Rule
    patient: str
    lent: Sequence[Lent]
    lease_s: float
    zone: tzinfo | None

    @property
    def days(self) -> list[date]:
        return [one.touched.day for one in self.lent]

    def held(self) -> bool:
        return self.deps.days.held(self.lent, lease_s=self.lease_s)


def rederive(deps: Deps, lent: Sequence[Lent], *, lease_s: float) -> None:
    """Make one value of one patient again, for the days that are lent, and settle them.

    Read is only what the value is made of; written only what says something else than before. Safe
    to run twice. Raises: Failure, as the FHIR server does; then nothing is settled.
    """
    first = lent[0].touched
    rule = RULES.get(first.what)
    if rule is None:
        log.warning("rule_unknown", what=first.what)
        deps.days.settle(lent)
        return
    zone = zone_of(deps.zone) if deps.zone else None
    if not rule.window:
        _each_day(_Task(deps, rule, first.patient, lent, lease_s, zone))
        deps.days.settle(lent)
        return
    today = deps.clock.now().astimezone(zone or UTC).date()
    over = [one for one in lent if one.touched.day < today]
    _wait_for_midnight(deps, [one for one in lent if one not in over], zone)
    if over:
        _window(_Task(deps, rule, first.patient, over, lease_s, zone), today)
        deps.days.settle(over)


def _wait_for_midnight(deps: Deps, lent: Iterable[Lent], zone: tzinfo | None) -> None:
    """What is made of whole days is made once a day is over, however often it changes."""
    for one in lent:
        left = start(one.touched.day + DAY, zone) + _SETTLING - deps.clock.now()
        deps.days.put_off([one], pause_s=left.total_seconds())


def _each_day(task: _Task) -> None:
    """The days that changed, and their neighbours: a zone may have been another one then."""
    near = {day + n * DAY for day in task.days for n in (-1, 0, 1)}
    for first, last in runs(near, most=_MOST_DAYS):
        window = Window(first, last, task.zone)
        found = _between(task, window)
        made = task.rule.make(facts(found), task.patient, window)
        _store(task, window, made)
        _note_others(task, found, made)


def _window(task: _Task, today: date) -> None:
    """The window that ends with the newest day that is over and has a reading that counts."""
    newest = _newest(task, today)
    last = newest or today
    window = Window(last - (task.rule.window - 1) * DAY, last, task.zone)
    found = facts(_between(task, window)) if newest else []
    _store(task, window, task.rule.make(found, task.patient, window))


def _newest(task: _Task, today: date) -> date | None:
    until = Window(today, today, task.zone).span[1]
    params = {"date": f"lt{_text(until)}", "_sort": "-date", "_count": str(_NEWEST)}
    found = task.deps.fhir.search("Observation", _asked(task) | params, limit=_NEWEST)
    days = (day_of(one, task.zone) for one in facts(found) if task.rule.counts(one))
    return max((day for day in days if day < today), default=None)


def _between(task: _Task, window: Window) -> list[Resource]:
    since, until = window.span
    params = {"date": [f"ge{_text(since)}", f"lt{_text(until)}"], "_count": _PAGE}
    found = task.deps.fhir.search("Observation", _asked(task) | params, limit=_MOST_READINGS)
    if len(found) >= _MOST_READINGS:
        raise Failure(Kind.TOO_LARGE, "too many readings to derive from", at="Observation")
    return found


def _asked(task: _Task) -> dict[str, str | Sequence[str]]:
    """Readings of ours of the kinds that the rule is about."""
    return {
        "patient": task.patient,
        "code": ",".join(f"{LOINC}|{code}" for code in task.rule.codes),
        "identifier": ",".join(f"{system_of(source)}|" for source in sorted(task.deps.templates)),
    }


def _text(at: datetime) -> str:
    return at.isoformat().replace("+00:00", "Z")


def _store(task: _Task, window: Window, derivation: Derivation) -> None:
    """Write what says something else than what is stored, each with its Provenance."""
    names = [*(one.identifier for one in derivation.made), *derivation.gone]
    stored = _stored(task, names) | _inherited(task, window)
    at = {url: f"Observation/{one['id']}" for url, one in stored.items()}
    said = {_url(one.identifier): one for one in derivation.made}
    changed: list[Derived] = []
    for url, one in said.items():
        new = Derived(resolved(one.resource, at), one.rule, one.facts)
        if url not in stored or merge(stored[url], new.resource) is not None:
            changed.append(new)
    for url, known in stored.items():
        if url not in said and known.get("status") != ERROR:
            changed.append(taken_back(known, derivation.rule))
    if not changed or not task.held():
        return
    recorded = task.deps.clock.now()
    entries: list[Entry] = []
    for one in changed:
        before = stored.get(_url(one.identifier), {}).get("meta", {}).get("versionId", "")
        entries.append(known_by(one.resource, one.identifier))
        entries.append(provenance(one, replaces=str(before), recorded=recorded))
    [landed] = land([Translation(transaction(entries))], task.deps.fhir, task.held)
    if isinstance(landed, Failure):
        raise landed
    log.info("derived", rule=derivation.rule, resources=len(changed))


def _stored(task: _Task, identifiers: Sequence[Identifier]) -> dict[str, Resource]:
    """By full URL what is stored under these identifiers."""
    found: dict[str, Resource] = {}
    for place in range(0, len(identifiers), _AT_ONCE):
        some = identifiers[place : place + _AT_ONCE]
        asked = ",".join(f"{SYSTEM}|{one['value']}" for one in some)
        params = {"identifier": asked, "_count": str(_AT_ONCE)}
        for resource in task.deps.fhir.search("Observation", params):
            if name := name_of(resource):
                found[_url(name)] = resource
    return found


def _inherited(task: _Task, window: Window) -> dict[str, Resource]:
    """By full URL what was made of another patient, who was merged into this one since."""
    params: dict[str, str | Sequence[str]] = {
        "patient": task.patient,
        "code": ",".join(task.rule.makes),
        "identifier": f"{SYSTEM}|",
        "_count": _PAGE,
    }
    if not task.rule.window:
        since, until = window.span
        params["date"] = [f"ge{_text(since)}", f"lt{_text(until)}"]
    found = task.deps.fhir.search("Observation", params)
    names = ((name_of(one), one) for one in found)
    return {_url(name): one for name, one in names if name and not is_of(name, task.patient)}


def _url(identifier: Identifier) -> str:
    return full_url("Observation", identifier["system"], identifier["value"])


def _note_others(task: _Task, found: Sequence[Resource], made: Derivation) -> None:
    """Have averages made again that still rest on a reading of another day, or person, now."""
    ours = {one.identifier["value"] for one in made.made} | {one["value"] for one in made.gone}
    references = [f"Observation/{one['id']}" for one in found]
    others: set[Touched] = set()
    for place in range(0, len(references), _AT_ONCE):
        some = references[place : place + _AT_ONCE]
        params = {"code": f"{LOINC}|{MEAN_CODE}", "derived-from": ",".join(some)}
        for one in task.deps.fhir.search("Observation", params):
            others |= _elsewhere(one, ours, task.lent[0].touched.what)
    if others:
        task.deps.days.note(others)


def _elsewhere(average: Resource, ours: set[str], what: str) -> set[Touched]:
    name = name_of(average)
    patient = str(average.get("subject", {}).get("reference", "")).rpartition("/")[2]
    if name is None or name["value"] in ours or average.get("status") == ERROR:
        return set()
    if not is_of(name, patient):
        return set()  # made of somebody who was merged away
    return {Touched(patient, what, date.fromisoformat(name["value"].rpartition("/")[2]))}
