"""A verdict becomes a score record under an id that says nothing."""

from datetime import datetime

from wherry_risk.model.interface import Refusal
from wherry_risk.model.judgement import Judged
from wherry_risk.model.recording import body_of
from wherry_risk.records import CHAMPION, DEFAULT_TENANT, AskedBy, Head, ScoreRecord


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
