"""A manifest and its evaluation become the sections of the CHAI Applied Model Card."""

from collections.abc import Mapping
from typing import Any

from wherry_risk.onnx.manifest import Manifest
from wherry_risk.training.card.tables import line, said

KEYWORDS = ("machine learning", "gradient-boosted trees", "tabular", "prediction")


def applied_model_card(manifest: Manifest, measured: Mapping[str, Any]) -> dict[str, Any]:
    """The card's sections under their names in the schema.

    Source: Coalition for Health AI, Applied Model Card v0.2 (mc-schema).
    """
    told = manifest.training
    return {
        "BasicInfo": {
            "ModelName": manifest.title,
            "ModelDeveloper": "The Wherry project",
            "DeveloperContact": "see the repository",
        },
        "ReleaseInfo": {
            "ReleaseStage": manifest.status,
            "ReleaseVersion": manifest.version,
            "GlobalAvailability": "open source; not cleared as a device anywhere",
            "RegulatoryApproval": "none",
        },
        "ModelSummary": {"Summary": manifest.outcome.definition, "Keywords": KEYWORDS},
        "UsesAndDirections": {
            "IntendedUseAndWorkflow": manifest.intended_use,
            "PrimaryIntendedUsers": manifest.intended_users,
            "HowToUse": "Read the estimate beside NEWS2, the inputs and their ages, and the three "
            "largest contributions each way.",
            "TargetedPatientPopulation": manifest.setting,
            "CautionedOutOfScopeSettings": said("Not for", manifest.out_of_scope),
        },
        "Warnings": {
            "KnownRisksAndLimitations": " ".join(manifest.limits),
            "KnownBiasesOrEthicalConsiderations": "See the groups of the card; where a group is "
            "marked as insufficient, nothing is known.",
            "ClinicalRiskLevel": "Not assessed by an authority; acute deterioration estimates are "
            "probably functions of a medical device.",
        },
        "TrustIngredients": {
            "AISystemFacts": {
                "OutcomesAndOutputs": manifest.outcome.name,
                "ModelType": "gradient-boosted trees, Platt scaling, as one ONNX graph",
                "InputDataSource": "FHIR R4 resources of one patient",
                "DevelopmentDataCharacterization": f"{told.dataset}: {told.period}. "
                f"{told.inclusion} {told.exclusion}",
                "BiasMitigationApproaches": "no race input; panels left out in training",
                "OngoingMaintenance": manifest.change_control.protocol,
            },
            "TransparencyInformation": {
                "FundingSource": "none",
                "ThirdPartyInformation": told.attribution,
                "StakeholdersConsulted": "none so far",
            },
        },
        "KeyMetrics": _key_metrics(manifest, measured),
        "Resources": {
            "EvaluationReferences": "evaluation.json, reference.json of this package",
            "ClinicalTrial": "none",
            "PeerReviewedPublications": manifest.citation,
            "ReimbursementStatus": "none",
            "PatientConsentOrDisclosure": "as the site decides",
        },
        "Bibliography": manifest.citation,
    }


def _key_metrics(manifest: Manifest, measured: Mapping[str, Any]) -> dict[str, Any]:
    test = measured["test"]["figures"]
    external = {name: line(one["figures"]) for name, one in measured["external"].items()}
    gaps = {name: f"AUROC {one['after']['auroc']}, O/E {one['after']['o_e']}"
            for name, one in measured["gaps"].items()}  # fmt: skip
    groups = {name: one.get("note") or f"AUROC {one['auroc']}, O/E {one['o_e']}"
              for name, one in measured["subgroups"].items()}  # fmt: skip
    shared = {
        "TestType": "retrospective",
        "TestingDataDescription": f"test part of {manifest.training.dataset}, people apart",
        "ValidationProcessAndJustification": "parts by hash of the person; intervals by bootstrap "
        "of people",
    }
    return {
        "UsefulnessUsabilityEfficacy": {
            "Goal": "rank and calibrate",
            "Result": line(test),
            "Interpretation": str(external or "no external validation"),
            **shared,
        },
        "FairnessEquity": {
            "Goal": "no group is estimated much worse",
            "Result": str(groups),
            "Interpretation": "counts beside each group are in evaluation.json",
            **shared,
        },
        "SafetyReliability": {
            "Goal": "bear missing panels, refuse when too few inputs are known",
            "Result": str(gaps),
            "Interpretation": "see the gates of the manifest",
            **shared,
        },
    }
