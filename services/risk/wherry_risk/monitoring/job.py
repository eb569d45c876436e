"""The records of a window become the findings of every version that scores for a tenant."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import msgspec

from wherry_risk.lifecycle.outcomes_sql import Outcomes
from wherry_risk.lifecycle.standing import Cast
from wherry_risk.monitoring.findings_sql import Found
from wherry_risk.monitoring.from_records import seen_of
from wherry_risk.monitoring.watch import Findings, Watched, findings
from wherry_risk.onnx.trained import Trained
from wherry_risk.records import CHAMPION, Records, ScoreRecord

REFERENCE = "reference.json"
MATURE = timedelta(days=60)
"""How much longer ago scores may be whose outcomes come late: a readmission takes 30 days."""


@dataclass(frozen=True, slots=True)
class Watch:
    """What monitoring needs: records, outcomes, the cast, the packages, and where it writes."""

    records: Records
    outcomes: Outcomes
    found: Found
    cast: Callable[[], Cast]
    packages: Path
    tenant: str


def watched(needs: Watch) -> Iterator[Watched]:
    """Every trained version that answers or scores beside one that does, each once."""
    cast = needs.cast()
    parts = [(CHAMPION, model) for _, model in sorted(cast.models.items())]
    parts += [(role.value, model) for _, some in sorted(cast.beside.items())
              for role, model in some]  # fmt: skip
    seen: set[tuple[str, str, str]] = set()
    for role, model in parts:
        key = (role, model.spec.id, model.spec.version)
        if isinstance(model, Trained) and key not in seen:
            seen.add(key)
            yield Watched(needs.tenant, role, model.manifest, reference_of(needs.packages, model))


def reference_of(packages: Path, model: Trained) -> dict[str, Any]:
    """What the features and the score were like in training; its hash was checked at load."""
    path = packages / model.spec.id / model.spec.version / REFERENCE
    told: dict[str, Any] = msgspec.json.decode(path.read_bytes())
    return told


def monitor(
    needs: Watch,
    *,
    since: datetime,
    until: datetime,
    step: Callable[[str], None] = lambda _: None,
) -> list[Findings]:
    """Look at the window and keep what was found. Raises: Failure(UNAVAILABLE)."""
    told = look(needs, since=since, until=until, step=step)
    needs.found.add(told)
    return told


def look(
    needs: Watch,
    *,
    since: datetime,
    until: datetime,
    step: Callable[[str], None] = lambda _: None,
) -> list[Findings]:
    """Look at the window and keep nothing.

    Figures of performance are of scores up to 60 days older, as far as outcomes came: an answer
    takes time. Raises: Failure(UNAVAILABLE).
    """
    outcomes = list(needs.outcomes.since(needs.tenant, since - MATURE))
    told = []
    for of in watched(needs):
        step(f"{of.manifest.id}@{of.manifest.version}, {of.role}")
        records = needs.records.between(
            since - MATURE, until, model=of.manifest.id, tenant=needs.tenant, role=of.role
        )
        made: list[datetime] = []
        seen = list(seen_of(_noted(records, of.manifest.version, made)))
        window = [one for at, one in zip(made, seen, strict=True) if at >= since]
        told.append(findings(of, window, outcomes, matured=seen, since=since, until=until))
    return told


def _noted(
    records: Iterator[ScoreRecord], version: str, made: list[datetime]
) -> Iterator[ScoreRecord]:
    """Those of this version, one at a time; when each was made is put into `made`."""
    for one in records:
        if one.head.version == version:
            made.append(one.head.made_at)
            yield one
