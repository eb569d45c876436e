"""Fakes with real behaviour for the ports of the launch host."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import datetime
from itertools import count
from typing import Any

from wherry.errors import Failure, Kind
from wherry.resource import Resource
from wherry_smart.deeds import Deed, Doing, Subject
from wherry_smart.deps import About


class Scorer:
    """A risk service whose answers are given."""

    def __init__(self) -> None:
        self.listed: list[Mapping[str, Any]] = [
            {"id": "news2", "title": "National Early Warning Score 2", "horizon_s": 86400}
        ]
        self.answers: dict[str, Mapping[str, Any]] = {}
        self.asked: list[tuple[str, str, Sequence[Resource]]] = []
        self.failure: Failure | None = None

    def models(self) -> Sequence[Mapping[str, Any]]:
        if self.failure:
            raise self.failure
        return self.listed

    def score(
        self, model: str, patient_id: str, resources: Sequence[Resource], *, at: datetime
    ) -> Mapping[str, Any]:
        self.asked.append((model, patient_id, resources))
        scored = {"model": model, "status": "scored", "score": 7, "tier": "high", "at": at}
        return self.answers.get(model, scored)

    def card(self, model: str) -> Mapping[str, Any]:
        if model not in {each["id"] for each in self.models()}:
            raise Failure(Kind.NOT_FOUND, "the risk service has no such model", at="model")
        return {"id": model}

    def ping(self) -> None:
        if self.failure:
            raise self.failure


class Cards:
    """A CDS service that keeps what it is told."""

    def __init__(self) -> None:
        self.listed: list[Mapping[str, Any]] = []
        self.asked: list[About] = []
        self.snoozed: list[tuple[str, datetime, str, str]] = []
        self.failure: Failure | None = None

    def cards(self, about: About) -> Sequence[Mapping[str, Any]]:
        if self.failure:
            raise self.failure
        self.asked.append(about)
        return self.listed

    def snooze(self, about: About, *, until: datetime, reason: str) -> None:
        if self.failure:
            raise self.failure
        self.snoozed.append((about.patient, until, reason, about.person))


class Deeds:
    """Deeds in memory."""

    def __init__(self) -> None:
        self.kept: dict[tuple[str, str, str], Deed] = {}
        self.failure: Failure | None = None
        self._ids = count(1)

    def keep(self, subject: Subject, doing: Doing, *, at: datetime) -> Deed:
        if self.failure:
            raise self.failure
        made = Deed(
            id=next(self._ids),
            at=at,
            person=subject.person,
            what=doing.what,
            about=doing.about,
            reason=doing.reason,
            note=doing.note,
            until=doing.until,
        )
        return self.kept.setdefault((subject.issuer, subject.patient, doing.key), made)

    def of(self, issuer: str, patient: str, *, before: int = 0, limit: int = 200) -> Sequence[Deed]:
        if self.failure:
            raise self.failure
        whose = [
            deed for (of, about, _), deed in self.kept.items() if (of, about) == (issuer, patient)
        ]
        found = [deed for deed in whose if not before or deed.id < before]
        return sorted(found, key=lambda deed: deed.id, reverse=True)[:limit]


def in_turn(work: Iterable[Callable[[], Any]]) -> list[Any]:
    """One read after the other, so that a test knows which comes first."""
    return [each() for each in work]


def at_the_end(work: Callable[[], Any]) -> Callable[[], Any]:
    """Work that is done when somebody waits for it."""
    return work
