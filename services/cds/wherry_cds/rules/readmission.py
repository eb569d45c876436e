"""The estimate of a readmission at discharge, or the reason why there is none, as one card."""

from collections.abc import Mapping

from wherry.errors import Failure, Kind
from wherry_cds.rules import early_warning, estimate
from wherry_cds.rules.detail import blocks, gaps
from wherry_cds.rules.early_warning import Basis, Card
from wherry_cds.rules.reasons import override_reasons
from wherry_cds.rules.score import AnyAnswer, Predicted, Refused, Withheld
from wherry_cds.rules.wording import inline, moment, plain

MODEL = "readmission-30d"
TOPIC = {"system": "urn:wherry:cds:topic", "code": "readmission", "display": "Readmission"}

# Something to plan for before the patient leaves, never something to run for
_INDICATORS: Mapping[str, str] = {"low": "info", "medium": "warning", "high": "warning"}


def card(answer: AnyAnswer, basis: Basis) -> Card:
    """The one card for this answer.

    Raises: Failure(UNAVAILABLE) for the answer of another kind of model, or a tier not known.
    Source: CDS Hooks 2.0, Card Attributes.
    """
    if isinstance(answer, Withheld):
        return _whole(answer.refused, basis, "info", *_refused(answer.refused, basis))
    if not isinstance(answer, Predicted):
        raise Failure(Kind.UNAVAILABLE, "the risk service answered for another model")
    if answer.tier not in _INDICATORS:
        raise Failure(Kind.UNAVAILABLE, "the risk service named a tier that is not known")
    summary, detail = estimate.sentence(answer), estimate.detail(answer, basis.at)
    return _whole(answer, basis, _INDICATORS[answer.tier], summary, detail)


def _refused(refused: Refused, basis: Basis) -> tuple[str, str]:
    labels = ", ".join(each.label for each in refused.missing)
    reason = f"missing {labels}" if labels else refused.text
    detail = blocks(
        f"**Risk of readmission not calculated.** {inline(refused.text)}",
        gaps(refused.missing, "Not available:"),
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
