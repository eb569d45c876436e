"""Numbers that make sense only together are whole, or none of them is a reading."""

from collections.abc import Sequence
from decimal import Decimal

from wherry_devices.mapping import numbers
from wherry_devices.mapping.plausible import doubted, pressure_doubted
from wherry_devices.mapping.reading import Reading, Withheld
from wherry_devices.mapping.vitals import PANELS


def whole(made: Sequence[Reading | Withheld], at: str) -> list[Reading | Withheld]:
    """What was made, without a panel of which a part is wrong or the parts contradict each other.

    A part that is not in the payload at all is no mistake as long as another one is. A mean that
    does not lie between the others goes alone.
    """
    out = list(made)
    for panel in PANELS.values():
        parts = [
            one
            for one in made
            if isinstance(one, Reading) and one.kind in panel.all and not one.supplement
        ]
        if not parts:
            continue
        failed = [
            one for one in made if isinstance(one, Withheld) and one.detail.endswith(panel.kinds)
        ]
        out = [one for one in out if one not in failed or one.reason != numbers.ABSENT]
        values = {one.kind: one.value for one in parts if one.value is not None}
        lowest = values.get("bp_diastolic", Decimal("-Infinity"))
        highest = values.get("bp_systolic", Decimal("Infinity"))
        if highest <= lowest or any(one.reason != numbers.ABSENT for one in failed):
            out = [one for one in out if one not in parts]
            reason = "implausible" if highest <= lowest else "incomplete"
            out.append(Withheld(reason, at, panel.display))
        elif not lowest <= values.get("bp_mean", lowest) <= highest:
            out = [one for one in out if getattr(one, "kind", "") != "bp_mean"]
            out.append(Withheld("implausible", at, "bp_mean"))
        if pressure_doubted(parts):
            out = [doubted(one) if one in parts else one for one in out]
    return out
