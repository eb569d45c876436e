"""A charted ventilator value becomes "the patient is ventilated"; there is no value for "not"."""

from decimal import Decimal

from wherry_risk.model.spec import Code, Range, loinc

VENTILATED = Decimal(1)

# Source: LOINC. Only what a ventilator that breathes for the patient has: a mode or a PEEP may also
# belong to a mask, and the absence of a chart entry is no proof of breathing alone.
(RATE,) = loinc("33438-3")
(TIDAL_VOLUME,) = loinc("20112-9")

MEASURED: dict[Code, tuple[str, Range]] = {
    RATE: ("/min", Range(Decimal(1), Decimal(80))),
    TIDAL_VOLUME: ("mL", Range(Decimal(20), Decimal(3000))),
}
