"""A RiskAssessment becomes the transaction that stores it with who made it and from what."""

from wherry.fhir.bundle import known_by, transaction, under_id
from wherry.fhir.identity import derived_id
from wherry.fhir.systems import ACT_CODE, PROVENANCE_AGENT
from wherry.resource import Bundle, Resource
from wherry_risk.model.risk_assessment import MODEL
from wherry_risk.model.spec import ModelSpec

RECORD = "urn:wherry:risk:record"
"""System of the ids of score records."""
_AI = "http://hl7.org/fhir/uv/aitransparency/CodeSystem/AIdeviceTypeCS"
_KIND = "http://hl7.org/fhir/uv/aitransparency/StructureDefinition/aitransparency.AIKind"
AIAST = {"system": ACT_CODE, "code": "AIAST"}
_IS_AI: Resource = {"coding": [{"system": _AI, "code": "Artificial-Intelligence"}]}
_LEARNT: Resource = {"coding": [{"system": _AI, "code": "Machine-Learning-Models"}]}


def stored_with_provenance(
    assessment: Resource, spec: ModelSpec, *, record_id: str, recorded: str
) -> Bundle:
    """The transaction: the model as a Device, the assessment, and the Provenance of it.

    The Device is the same for all assessments of a version, the Provenance for all versions of one
    assessment; both have ids that we derive, so that repeats find them.
    Source: HL7 AI Transparency on FHIR 1.0.0-ballot, AI Device and AI Provenance; FHIR R4.
    """
    device = under_id(device_of(spec))
    written = known_by(assessment, assessment["identifier"][0])
    made = _provenance(
        assessment, spec, target=written["fullUrl"], agent=device["fullUrl"], record_id=record_id
    )
    return transaction([device, written, under_id(made | {"recorded": recorded})])


def device_of(spec: ModelSpec) -> Resource:
    """The model version as an agent; a published score is a program and no AI."""
    made: Resource = {
        "resourceType": "Device",
        "id": derived_id("Device", MODEL, spec.id, spec.version, spec.sha256),
        "identifier": [{"system": MODEL, "value": f"{spec.id}|{spec.version}"}],
        "manufacturer": "Wherry",
        "deviceName": [{"name": spec.title, "type": "model-name"}],
        "modelNumber": spec.id,
        "type": {"text": "Published clinical score, computed by software"},
        "version": [
            {"type": {"text": "model version"}, "value": spec.version},
            {"type": {"text": "manifest SHA-256"}, "value": spec.sha256},
        ],
        "note": [{"text": spec.intended_use}],
    }
    if spec.kind == "ai":
        made["extension"] = [{"url": _KIND, "valueCodeableConcept": _LEARNT}]
        made["type"] = {**_IS_AI, "text": "Artificial intelligence: a trained risk model"}
    return made


def _provenance(
    assessment: Resource, spec: ModelSpec, *, target: str, agent: str, record_id: str
) -> Resource:
    ai = spec.kind == "ai"
    meta: Resource = {"source": assessment["meta"]["source"]}
    who: Resource = {
        "type": {"coding": [{"system": PROVENANCE_AGENT, "code": "assembler"}]},
        "who": {"reference": agent, "display": f"{spec.title} {spec.version}"},
    }
    made: Resource = {
        "resourceType": "Provenance",
        "id": derived_id("Provenance", MODEL, assessment["identifier"][0]["value"]),
        "meta": meta,
        "target": [{"reference": target}],
        "occurredDateTime": assessment["occurrenceDateTime"],
        "agent": [who],
        "entity": [
            *({"role": "source", "what": dict(each)} for each in assessment["basis"]),
            {
                "role": "source",
                "what": {
                    "identifier": {"system": RECORD, "value": record_id},
                    "display": "Score record",
                },
            },
        ],
    }
    if ai:
        meta["security"] = [AIAST]
        made["reason"] = [{"coding": [AIAST]}]
        who["role"] = [_IS_AI]
    return made
