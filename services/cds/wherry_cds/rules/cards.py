"""Each service's model, and how an answer becomes its card."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from wherry.errors import Failure, Kind
from wherry_cds.rules import deterioration, early_warning, order_risk, readmission
from wherry_cds.rules.early_warning import Basis, Card
from wherry_cds.rules.score import AnyAnswer, Predicted, Withheld


@dataclass(frozen=True, slots=True)
class Rule:
    """Which model a service asks, and what it makes of the answer.

    `about_orders`: it has something to say only on draft orders that are in its tables.
    """

    model: str
    card: Callable[[AnyAnswer, Basis], Card]
    about_orders: bool = False


def _early_warning(answer: AnyAnswer, basis: Basis) -> Card:
    if isinstance(answer, Predicted | Withheld):
        raise Failure(Kind.UNAVAILABLE, "the risk service answered for another model")
    return early_warning.card(answer, basis)


RULES: Mapping[str, Rule] = {
    "early-warning": Rule(early_warning.MODEL, _early_warning),
    "deterioration": Rule(deterioration.MODEL, deterioration.card),
    "readmission": Rule(readmission.MODEL, readmission.card),
    "order-risk": Rule(order_risk.MODEL, order_risk.card, about_orders=True),
}
