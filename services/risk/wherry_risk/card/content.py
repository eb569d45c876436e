"""A model becomes the content of its card: use, limits, figures with counts, groups, attributes."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from wherry.codec import decode
from wherry_risk.card.attributes import attributes_of
from wherry_risk.model.interface import Model
from wherry_risk.model.spec import ModelSpec
from wherry_risk.onnx.manifest import Manifest
from wherry_risk.onnx.trained import Trained
from wherry_risk.records import CHAMPION

Json = dict[str, Any]

FIGURES = ("auroc", "auprc", "brier", "slope", "ece", "o_e", "utility")
DECISION_SUPPORT = (
    "Supports health professionals in their own judgement. It is no diagnosis and recommends no "
    "treatment."
)
COMPARED = {
    "news2": "NEWS2, partial, on the same rows",
    "saps": "SAPS-I, on the same rows",
    "sofa": "SOFA, on the same rows",
}


def card_of(model: Model) -> Json:
    """The card as in openapi/risk.yaml; every figure is one that the package was measured at."""
    spec = model.spec
    card: Json = {
        "model": spec.id,
        "version": spec.version,
        "title": spec.title,
        "kind": spec.kind,
        "role": CHAMPION,
        "manifest_sha256": spec.sha256,
        "intended_use": spec.intended_use,
        "decision_support": DECISION_SUPPORT,
        "outcome": spec.outcome,
        "out_of_scope": spec.out_of_scope,
        "citation": spec.citation,
        "min_age_years": spec.min_age_years,
        "inputs": [_input(spec, one.name) for one in spec.inputs if one.offered],
    }
    return card | (_of_package(model) if isinstance(model, Trained) else _of_score(spec))


def _of_score(spec: ModelSpec) -> Json:
    """A published score was made and measured elsewhere: its figures are those of its citation."""
    return {
        "status": "published",
        "intended_users": "",
        "setting": "",
        "definition": "",
        "limits": [],
        "figures": [],
        "tiers": [{"name": tier.name, "response": tier.response} for tier in spec.tiers],
        "groups": [],
        "gaps": [],
        "source_attributes": attributes_of(spec),
        "data": None,
        "change_control": None,
        "applied_model_card": None,
    }


def _of_package(model: Trained) -> Json:
    manifest = model.manifest
    measured = _document(model, "evaluation.json")
    written = _document(model, "model_card.json")
    return {
        "status": manifest.status,
        "intended_users": manifest.intended_users,
        "setting": manifest.setting,
        "definition": manifest.outcome.definition,
        "limits": manifest.limits,
        "figures": list(_figures(measured)),
        "tiers": _tiers(manifest),
        "groups": list(_groups(measured)),
        "gaps": list(_gaps(measured)),
        "source_attributes": _numbered(written.get("source_attributes", {})),
        "data": _data(manifest),
        "change_control": {
            "allowed": manifest.change_control.allowed,
            "not_allowed": manifest.change_control.not_allowed,
            "protocol": manifest.change_control.protocol,
            "impact": manifest.change_control.impact,
        },
        "applied_model_card": written.get("applied_model_card"),
    }


def _document(model: Trained, name: str) -> Json:
    found = decode(model.documents.get(name, b"{}"))
    return found if isinstance(found, dict) else {}


def _figures(measured: Json) -> Iterator[Json]:
    """The test part first, then other data, each with what was measured beside it."""
    test = measured.get("test", {})
    yield _row("Test part: people whom training has not seen", test.get("figures", {}))
    if answered := test.get("answered"):
        yield _row("Test part, only rows that the model would answer", answered)
    for name, told in measured.get("comparators", {}).items():
        yield _row(f"Test part: {COMPARED.get(name, name)}", told)
    for where, external in measured.get("external", {}).items():
        yield _row(f"{where}, the unchanged model", external.get("figures", {}))
        for name, told in external.get("comparators", {}).items():
            yield _row(f"{where}: {COMPARED.get(name, name)}", told)


def _row(name: str, told: Mapping[str, Any]) -> Json:
    intervals = told.get("intervals", {})
    return {
        "name": name,
        "n": told.get("n"),
        "events": told.get("events"),
        "people": told.get("patients"),
        "figures": [
            {"name": figure, "value": told.get(figure), "interval": intervals.get(figure)}
            for figure in FIGURES
        ],
    }


def _groups(measured: Json) -> Iterator[Json]:
    parts = {"Test part": measured.get("subgroups", {})} | {
        f"{where}, the unchanged model": told.get("subgroups", {})
        for where, told in measured.get("external", {}).items()
    }
    for where, groups in parts.items():
        for name, told in groups.items():
            yield {
                "where": where,
                "group": name,
                "n": told.get("n"),
                "events": told.get("events"),
                "note": told.get("note"),
                **{figure: told.get(figure) for figure in ("auroc", "slope", "o_e")},
            }


def _gaps(measured: Json) -> Iterator[Json]:
    for name, told in measured.get("gaps", {}).items():
        after = told.get("after", {})
        yield {"away": name, "auroc": after.get("auroc"), "o_e": after.get("o_e"),
               "n": after.get("n"), "events": after.get("events")}  # fmt: skip


def _tiers(manifest: Manifest) -> list[Json]:
    names = ("flag", "sens", "spec", "ppv", "npv")
    return [
        {
            "name": tier.name,
            "from": tier.value,
            "response": tier.response,
            **{name: getattr(tier, name) for name in names},
        }
        for tier in manifest.thresholds
    ]


def _numbered(told: Mapping[str, str]) -> list[Json]:
    """`1. Name of the attribute`: text, as the rule orders them."""
    rows = []
    for place, (name, text) in enumerate(told.items(), 1):
        number, dot, rest = name.partition(". ")
        numbered = bool(dot) and number.isdecimal()
        rows.append(
            {
                "number": int(number) if numbered else place,
                "name": rest if numbered else name,
                "text": text,
            }
        )
    return rows


def _data(manifest: Manifest) -> Json:
    told = manifest.training
    return {
        "dataset": told.dataset,
        "period": told.period,
        "inclusion": told.inclusion,
        "exclusion": told.exclusion,
        "licence": told.licence,
        "attribution": told.attribution,
        "parts": [
            {"name": name, "people": part.patients, "n": part.n, "events": part.events}
            for name, part in told.parts.items()
        ],
    }


def _input(spec: ModelSpec, name: str) -> Json:
    one = next(each for each in spec.inputs if each.name == name)
    codes: Sequence[str] = [code.code for code in one.codes]
    return {
        "name": one.name,
        "label": one.label,
        "codes": codes,
        "unit": one.unit,
        "required": one.required,
        "max_age_s": None if one.max_age is None else int(one.max_age.total_seconds()),
        "plausible": list(one.plausible) if one.plausible else None,
    }
