"""Verdicts become score records under ids that say nothing, kept before anybody is answered."""

from collections.abc import Sequence
from datetime import datetime

import structlog

from wherry_risk.deps import Deps
from wherry_risk.model.interface import Refusal
from wherry_risk.model.judgement import Judged
from wherry_risk.model.recording import body_of
from wherry_risk.records import CHAMPION, DEFAULT_TENANT, AskedBy, Head, ScoreRecord

log = structlog.get_logger()


def keep(verdicts: Sequence[Judged], needs: Deps, *, asked_by: AskedBy) -> dict[str, str]:
    """Keep them in one commit; the ids of the records by model.

    The first is what was asked, the others stood beside it. An answer that cannot be accounted for
    is not given: on return they are committed, and what a worker is about to publish is on the
    disk. The log names them too. Raises: Failure(UNAVAILABLE).
    """
    return keep_all([verdicts], needs, asked_by=asked_by)[0]


def keep_all(
    groups: Sequence[Sequence[Judged]], needs: Deps, *, asked_by: AskedBy
) -> list[dict[str, str]]:
    """The same for several patients, all in one commit; the ids of each group by model."""
    now = needs.clock.now()
    made: list[ScoreRecord] = []
    told: list[dict[str, str]] = []
    for group in groups:
        ids = {judged.spec.id: needs.new_id() for judged in group}
        first = next(iter(ids.values()), "")
        for judged in group:
            id_ = ids[judged.spec.id]
            beside = "" if id_ == first else first
            made.append(kept_of(judged, id_=id_, made_at=now, asked_by=asked_by, beside=beside))
        told.append(ids)
    if made:
        needs.records.add(made, durable=asked_by == "worker")
        log.info("scores_kept", records=[each.head.id for each in made], asked_by=asked_by)
    return told


def kept_of(
    judged: Judged,
    *,
    id_: str,
    made_at: datetime,
    asked_by: AskedBy,
    tenant: str = DEFAULT_TENANT,
    role: str = CHAMPION,
    beside: str = "",
) -> ScoreRecord:
    """The record of this verdict; `id_` is random."""
    spec, verdict = judged.spec, judged.verdict
    refused = isinstance(verdict, Refusal)
    head = Head(
        id=id_,
        tenant=tenant,
        role=role,
        asked_by=asked_by,
        patient_id=judged.facts.patient_id,
        model=spec.id,
        version=spec.version,
        manifest_sha256=spec.sha256,
        made_at=made_at,
        at=judged.at,
        status="refused" if refused else "scored",
        tier="" if isinstance(verdict, Refusal) else verdict.tier,
        score=None if isinstance(verdict, Refusal) else verdict.score,
        probability=None if isinstance(verdict, Refusal) else verdict.probability,
        refusal=verdict.code.value if isinstance(verdict, Refusal) else "",
        beside=beside,
    )
    return ScoreRecord(head, body_of(judged))
