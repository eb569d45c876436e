"""A score record becomes the JSON of GET /v1/scores/{id}."""

from typing import Any

from wherry_risk.model.recording import Body, KeptMissing, KeptReading
from wherry_risk.records import Head, ScoreRecord

Json = dict[str, Any]


def record_entry(record: ScoreRecord) -> Json:
    """The record as in openapi/risk.yaml; numbers keep the digits they were kept with."""
    head, body = record.head, record.body
    graph = body.graph
    return {
        **_head(head),
        "inputs": _inputs(head, body),
        "output": _output(body),
        "graph": None
        if graph is None
        else {
            "encoding": "float32 little-endian, hex",
            "row": graph.row,
            "margin": graph.margin,
            "probability": graph.probability,
            "contributions": graph.contributions,
        },
    }


def _head(head: Head) -> Json:
    return {
        "record": head.id,
        "tenant": head.tenant,
        "role": head.role,
        "asked_by": head.asked_by,
        "patient": head.patient_id,
        "model": head.model,
        "version": head.version,
        "manifest_sha256": head.manifest_sha256,
        "made_at": head.made_at.isoformat(),
        "at": head.at.isoformat(),
        "beside": head.beside or None,
        "status": head.status,
    }


def _inputs(head: Head, body: Body) -> Json:
    return {
        "setting": body.setting,
        "age_years": body.age_years,
        "deceased": body.deceased,
        "used": [_reading(head, name, one) for name, one in body.used.items()],
        "missing": [_missing(one) for one in body.missing.values()],
        "unused": [_missing(one) for one in body.unused],
        "feed": None
        if body.feed is None
        else {
            "newest_at": body.feed.newest_at.isoformat(),
            "received_at": body.feed.received_at and body.feed.received_at.isoformat(),
        },
        "series": {
            name: [
                {
                    "observed_at": one.observed_at.isoformat(),
                    "value": one.value,
                    "observation": one.reference,
                }
                for one in values
            ]
            for name, values in body.series.items()
        },
    }


def _reading(head: Head, name: str, kept: KeptReading) -> Json:
    return {
        "name": name,
        "value": kept.value,
        "unit": kept.unit,
        "sent_value": kept.sent_value,
        "sent_unit": kept.sent_unit,
        "code": {"system": kept.system, "code": kept.code},
        "observed_at": kept.observed_at.isoformat(),
        "age_s": max(0, int((head.at - kept.observed_at).total_seconds())),
        "observation": kept.reference,
        "quality": kept.quality,
    }


def _missing(kept: KeptMissing) -> Json:
    told: Json = {"name": kept.name, "reason": kept.reason}
    told |= {} if kept.age_s is None else {"age_s": kept.age_s}
    return told | ({"observation": kept.reference} if kept.reference else {})


def _output(body: Body) -> Json:
    if (score := body.score) is not None:
        return {
            "score": score.score,
            "probability": score.probability,
            "tier": score.tier,
            "partial": score.partial,
            "at_most": score.at_most,
            "parts": score.parts,
            "missing": score.missing,
        }
    refusal = body.refusal
    assert refusal is not None  # noqa: S101 - a verdict is a score or a refusal
    return {"code": refusal.code, "text": refusal.text, "missing": refusal.missing}
