"""Scores of many patients become a list by risk and change; pure."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal, InvalidOperation
from typing import Any

from wherry.resource import Resource
from wherry_smart.summary.alerts import RANKS
from wherry_smart.summary.banner import banner
from wherry_smart.summary.trend import trend

Json = Mapping[str, Any]

UP, DOWN, SAME, NEW = "up", "down", "same", "new"


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which patients, in which order; empty means all."""

    tier: str = ""
    unit: str = ""
    change: str = ""
    by: str = "risk"


def worklist(
    patients: Sequence[Resource],
    assessments: Sequence[Resource],
    encounters: Sequence[Resource],
    wanted: Wanted,
    *,
    today: date,
) -> list[Json]:
    """One row for each patient with a score, by risk (tier, then score) or by change.

    A patient without a score that counts is not in it: that is not the same as no risk.
    """
    scored, stays = by_patient(assessments), by_patient(encounters)
    known = {str(each.get("id")): each for each in patients}
    rows = [_row(id_, known.get(id_), scored[id_], stays.get(id_, ()), today) for id_ in scored]
    kept = [row for row in rows if row["scores"] and _fits(row, wanted)]
    key = _by_change if wanted.by == "change" else _by_risk
    return sorted(kept, key=key)


def by_patient(resources: Iterable[Resource]) -> dict[str, list[Resource]]:
    """Resources by the id of the patient that they are about."""
    found: dict[str, list[Resource]] = {}
    for each in resources:
        reference = str(each.get("subject", {}).get("reference", ""))
        if "Patient/" in reference:
            found.setdefault(reference.rpartition("Patient/")[2], []).append(each)
    return found


def _row(
    id_: str,
    patient: Resource | None,
    assessments: Sequence[Resource],
    stays: Sequence[Resource],
    today: date,
) -> Json:
    shown = banner(patient or {"id": id_}, stays, today=today, show=True)
    courses: dict[str, list[Json]] = {}
    for row in trend(assessments):
        courses.setdefault(row["model"], []).append(row)
    scores = [_score(model, course) for model, course in courses.items()]
    return {
        "patient_id": id_,
        **{name: shown[name] for name in ("name", "born", "age", "sex", "identifier", "place")},
        "scores": sorted(scores, key=_by_rank),
    }


def _score(model: str, course: Sequence[Json]) -> Json:
    """The newest of a model, and how it stands to the one before."""
    newest, before = course[-1], course[-2] if len(course) > 1 else None
    return {
        "model": model,
        **{name: newest[name] for name in ("at", "tier", "score", "probability")},
        "before": None
        if before is None
        else {name: before[name] for name in ("at", "tier", "score", "probability")},
        "change": NEW if before is None else _change(newest, before),
    }


def _change(newest: Json, before: Json) -> str:
    now, then = (_rank(newest), _amount(newest)), (_rank(before), _amount(before))
    if now == then:
        return SAME
    return UP if now > then else DOWN


def _rank(row: Json) -> int:
    return RANKS.get(str(row["tier"]).lower(), -1)


def _amount(row: Json) -> Decimal:
    for name in ("probability", "score"):
        try:
            return Decimal(str(row[name]))
        except InvalidOperation:
            continue
    return Decimal(-1)


def _by_rank(score: Json) -> tuple[int, Decimal]:
    return -_rank(score), -_amount(score)


def _by_risk(row: Json) -> tuple[int, Decimal, str]:
    return (*_by_rank(row["scores"][0]), str(row["patient_id"]))


def _by_change(row: Json) -> tuple[int, int, Decimal, str]:
    order = (UP, NEW, SAME, DOWN)
    return order.index(row["scores"][0]["change"]), *_by_risk(row)


def _fits(row: Json, wanted: Wanted) -> bool:
    scores = row["scores"]
    tiers = {str(each["tier"]).lower() for each in scores}
    changes = {each["change"] for each in scores}
    return (
        (not wanted.tier or wanted.tier in tiers)
        and (not wanted.unit or wanted.unit.casefold() in str(row["place"]).casefold())
        and (not wanted.change or wanted.change in changes)
    )
