"""An answer becomes further records: what versions that are not shown say of the same record."""

import structlog

from wherry.adapters.rq_ticket import where
from wherry.errors import Failure
from wherry_risk.asked import Asked
from wherry_risk.deps import Deps
from wherry_risk.model.interface import Model
from wherry_risk.model.judgement import Judged, judge
from wherry_risk.recording import kept_of
from wherry_risk.records import AskedBy
from wherry_risk.scoring import Answered

log = structlog.get_logger()


def shadow(told: Answered, asked: Asked, needs: Deps, *, asked_by: AskedBy, beside: str) -> int:
    """Let challengers and shadows score what the champion scored; how many records were kept.

    Their scores are kept and never shown, returned or written to the FHIR server. Whatever happens
    here, the answer stands: a failure is logged. `beside` is the id of the champion's record.
    """
    judged = [
        (role, found)
        for role, model in needs.beside(asked.model)
        if (found := _judged(model, told, asked)) is not None
    ]
    now = needs.clock.now()
    kept = [
        kept_of(
            found,
            id_=needs.new_id(),
            made_at=now,
            asked_by=asked_by,
            role=role.value,
            beside=beside,
        )
        for role, found in judged
    ]
    if not kept:
        return 0
    try:
        needs.records.add(kept, durable=asked_by == "worker")  # no request waits for the disk
    except Failure as failure:
        log.warning("shadow_not_kept", model=asked.model, kind=failure.kind.name)
        return 0
    return len(kept)


def _judged(model: Model, told: Answered, asked: Asked) -> Judged | None:
    at = told.judged.at
    try:
        return judge(model, told.record, at=at, told=asked.told, setting=asked.setting)
    except Exception as error:  # a version on trial must not cost anybody an answer
        spec, name = model.spec, type(error).__name__
        log.error(
            "shadow_broke", model=spec.id, version=spec.version, error=name, where=where(error)
        )
        return None
