"""Score records become what monitoring looks at."""

from array import array
from collections.abc import Iterable, Iterator
from datetime import datetime

from wherry_risk.model.recording import Body, KeptReading, floats
from wherry_risk.monitoring.seen import Seen
from wherry_risk.records import ScoreRecord

WORKER = "worker"


def seen_of(records: Iterable[ScoreRecord]) -> Iterator[Seen]:
    """The scores behind these records, which come in the order in which they were made.

    Lateness is known of values that a worker's record is the first to have, of patients whom a
    record had before: what is already there when a patient is first looked at may have come at any
    time. It includes the seconds for which the worker waits for quiet.
    """
    known: dict[str, set[str]] = {}
    for record in records:
        head, body = record.head, record.body
        observed = {name: one for name, one in body.used.items() if one.reference}
        before = known.get(head.patient_id)
        lags_s = {}
        if before is not None and head.asked_by == WORKER:
            lags_s = {
                name: _after(head.made_at, one)
                for name, one in observed.items()
                if one.reference not in before
            }
        known.setdefault(head.patient_id, set()).update(one.reference for one in observed.values())
        yield Seen(
            patient=head.patient_id,
            at=head.at,
            probability=_probability(body),
            tier=head.tier,
            refusal=head.refusal,
            row=array("f", floats(body.graph.row)) if body.graph else array("f"),
            ages_s={name: _after(head.at, one) for name, one in observed.items()},
            lags_s=lags_s,
            reasons={name: one.reason.value for name, one in body.missing.items()},
        )


def _probability(body: Body) -> float | None:
    """Unrounded, as the graph gave it; None for refusals and for scores without one."""
    return floats(body.graph.probability)[0] if body.graph else None


def _after(at: datetime, one: KeptReading) -> float:
    return max(0.0, (at - one.observed_at).total_seconds())
