"""How urgent a finding is, from the answer that a card was made of."""

from enum import IntEnum

from wherry_cds.rules.early_warning import Card
from wherry_cds.rules.score import AnyAnswer, Predicted, Refused, Scored, Withheld


class Level(IntEnum):
    """What policies compare. NONE is a complete score in its lowest tier: nothing to say."""

    NONE = 0
    INFO = 1
    WARNING = 2
    CRITICAL = 3

    @property
    def word(self) -> str:
        """Its name in policies, rows and metrics."""
        return self.name.lower()


BY_WORD = {level.word: level for level in Level}


def level(answer: AnyAnswer, card: Card) -> Level:
    """The card's indicator; NONE only for a low tier with all its inputs.

    A refusal and a partial score are never NONE: what is not known is not low.
    """
    shown = BY_WORD[card["indicator"]]
    return Level.NONE if shown is Level.INFO and _is_low(answer) else shown


def is_refusal(answer: AnyAnswer) -> bool:
    """Whether there is no score at all."""
    if isinstance(answer, Withheld):
        return is_refusal(answer.beside) or not _speaks_by_news2(answer)
    return isinstance(answer, Refused)


def _speaks_by_news2(answer: Withheld) -> bool:
    """Whether NEWS2 stands in where the model refused; it says nothing about readmission."""
    return not answer.refused.model.startswith("readmission")


def amount(answer: AnyAnswer) -> float | None:
    """The probability, or NEWS2's points as a share of 20; None for a refusal."""
    if isinstance(answer, Predicted):
        return float(answer.probability)
    if is_refusal(answer):
        return None
    scored = answer.beside if isinstance(answer, Withheld) else answer
    return scored.score / 20 if isinstance(scored, Scored) else None


def beside(answer: AnyAnswer) -> float | None:
    """NEWS2's points as a share of 20, where they stand beside a model's estimate."""
    scored = answer.beside if isinstance(answer, Predicted) else None
    return scored.score / 20 if isinstance(scored, Scored) else None


def _is_low(answer: AnyAnswer) -> bool:
    if isinstance(answer, Predicted):
        whole = answer.stands_in is None
        alone = answer.model.startswith("readmission")
        return answer.tier == "low" and whole and (alone or _is_low(answer.beside))
    return isinstance(answer, Scored) and answer.tier == "low" and not answer.partial
