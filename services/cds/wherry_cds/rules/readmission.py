"""The estimate of a readmission at discharge, or the reason why there is none, as one card."""

from collections.abc import Mapping, Sequence

from wherry.errors import Failure, Kind
from wherry_cds.rules import early_warning, estimate
from wherry_cds.rules.detail import blocks, gaps, total
from wherry_cds.rules.early_warning import Basis, Card
from wherry_cds.rules.reasons import override_reasons
from wherry_cds.rules.score import Answer, AnyAnswer, Predicted, Refused, Withheld
from wherry_cds.rules.wording import inline, moment, plain

MODEL = "readmission-30d"
TOPIC = {"system": "urn:wherry:cds:topic", "code": "readmission", "display": "Readmission"}

# Something to plan for before the patient leaves, never something to run for
_INDICATORS: Mapping[str, str] = {"low": "info", "medium": "warning", "high": "warning"}

# Source: van Walraven 2010 and Donze 2016: the most points that each can have
_PUBLISHED: Mapping[str, tuple[str, int | None]] = {
    "lace": ("LACE", 19),
    "hospital": ("HOSPITAL", 13),
}


def card(answer: AnyAnswer, basis: Basis) -> Card:
    """The one card for this answer.

    Raises: Failure(UNAVAILABLE) for the answer of another kind of model, or a tier not known.
    Source: CDS Hooks 2.0, Card Attributes.
    """
    if isinstance(answer, Withheld):
        return _whole(answer.refused, basis, "info", *_refused(answer, basis))
    if not isinstance(answer, Predicted):
        raise Failure(Kind.UNAVAILABLE, "the risk service answered for another model")
    if answer.tier not in _INDICATORS:
        raise Failure(Kind.UNAVAILABLE, "the risk service named a tier that is not known")
    summary = estimate.sentence(answer)
    detail = estimate.detail(answer, basis.at, beside=_beside(answer.also))
    return _whole(answer, basis, _INDICATORS[answer.tier], summary, detail)


def _beside(also: Sequence[Answer]) -> str:
    """The published scores, each in a line."""
    if not also:
        return ""
    return "\n".join(["**Published scores beside it:**", "", *(f"- {_line(one)}" for one in also)])


def _line(one: Answer) -> str:
    name, most = _PUBLISHED.get(one.model, (one.model, None))
    if isinstance(one, Refused):
        return f"{inline(name)} not calculated: {inline(one.text)}"
    of = f" of {most}" if most else ""
    if not one.partial:
        return f"{inline(name)} {one.score}{of}, tier {inline(one.tier)}"
    lacking = ", ".join(inline(each.label) for each in one.missing)
    return (
        f"{inline(name)} **partial**: {total(one)}{of}, tier {inline(one.tier)} at least; "
        f"not known: {lacking}"
    )


def _refused(answer: Withheld, basis: Basis) -> tuple[str, str]:
    refused = answer.refused
    labels = ", ".join(each.label for each in refused.missing)
    reason = f"missing {labels}" if labels else refused.text
    detail = blocks(
        f"**Risk of readmission not calculated.** {inline(refused.text)}",
        gaps(refused.missing, "Not available:"),
        _beside(answer.also),
        "No estimate does not mean no risk.",
        f"As of {moment(basis.at)}. Model {inline(refused.model)}, version "
        f"{inline(refused.version)}. {inline(refused.intended_use)}",
    )
    return f"Risk of readmission not calculated: {reason}", detail


def _whole(
    answer: Predicted | Refused, basis: Basis, indicator: str, summary: str, detail: str
) -> Card:
    source: dict[str, object] = {
        "label": plain(f"Wherry readmission, {answer.model} {answer.version}"),
        "topic": TOPIC,
    }
    if basis.source_url:
        source["url"] = basis.source_url
    made: Card = {
        "uuid": basis.card_id,
        "summary": plain(summary),
        "detail": detail,
        "indicator": indicator,
        "source": source,
        "overrideReasons": override_reasons(),
    }
    if links := early_warning.links(basis):
        made["links"] = links
    return made
