"""Prices and amounts (CP, MO) become Money, digits unchanged."""

import re
from decimal import Decimal
from typing import Any

from wherry.hl7.segment import Rep
from wherry_hl7.mapping.named import converter
from wherry_hl7.translate.at import At

_NUMBER = re.compile(r"[+-]?\d{1,16}(?:\.\d{1,8})?", re.ASCII)
_CURRENCY = re.compile(r"[A-Z]{3}", re.ASCII)  # ISO 4217, the binding of R4 Money.currency


@converter("CP.Money")
def money(rep: Rep, at: At) -> dict[str, Any] | None:
    """One CP or MO, whose first component holds amount and currency. Source: HL7 v2.5.1 §2.A.13."""
    amount = rep.sub(1, 1).strip()
    if not amount:
        return None
    if not _NUMBER.fullmatch(amount):
        at.scope.warn(rep.at, "not an amount; left out")
        return None
    out: dict[str, Any] = {"value": Decimal(amount)}
    currency = rep.sub(1, 2).strip().upper()
    if _CURRENCY.fullmatch(currency):
        out["currency"] = currency
    return out
