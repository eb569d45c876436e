"""NEWS2 as context for orders of sedating or nephrotoxic medicines, as one card."""

from wherry.errors import Failure, Kind
from wherry_cds.rules import early_warning
from wherry_cds.rules.detail import blocks, total
from wherry_cds.rules.early_warning import MODEL, Basis, Card
from wherry_cds.rules.orders import Order
from wherry_cds.rules.score import AnyAnswer, Predicted, Scored, Withheld
from wherry_cds.rules.wording import inline, plain

__all__ = ["MODEL", "card"]

TOPIC = {"system": "urn:wherry:cds:topic", "code": "order-risk", "display": "Order in context"}

# The order is the clinician's; the card only puts a score beside it, so it is never critical
_INDICATORS = {"critical": "warning", "warning": "warning", "info": "info"}


def card(answer: AnyAnswer, basis: Basis) -> Card:
    """The NEWS2 card, beginning with the orders that it is shown for.

    Raises: Failure(UNAVAILABLE) for the answer of another model.
    Source: CDS Hooks 2.0, Card Attributes.
    """
    if isinstance(answer, Predicted | Withheld):
        raise Failure(Kind.UNAVAILABLE, "the risk service answered for another model")
    made = early_warning.card(answer, basis)
    groups = sorted({order.group.name for order in basis.orders})
    known = f"NEWS2 {total(answer)} ({answer.tier})" if isinstance(answer, Scored) else "no NEWS2"
    return {
        **made,
        "summary": plain(f"{known} at the order of {' and '.join(groups)} medicine"),
        "detail": blocks(
            "\n".join(_line(order) for order in basis.orders),
            "The score does not say that the order is wrong.",
            made["detail"],
        ),
        "indicator": _INDICATORS[made["indicator"]],
        "source": {
            **made["source"],
            "label": plain(f"Wherry order context, NEWS2 {answer.version}"),
            "topic": TOPIC,
        },
    }


def _line(order: Order) -> str:
    return f"- {inline(order.name)}: {order.group.name}, {order.group.concern}"
