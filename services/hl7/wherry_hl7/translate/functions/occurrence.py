"""When what is ordered is to be done (TQ1, ORC-7, OBR-27, OBR-6) becomes an occurrence."""

from wherry.hl7.segment import Segment
from wherry.resource import Resource
from wherry_hl7.mapping.named import function
from wherry_hl7.translate.at import At


@function("order_occurrence")
def order_occurrence(segment: Segment, out: Resource, at: At) -> None:
    """OBR-6, else OBR-36."""
    for number in (6, 36):
        if (raw := segment.text(number)) and "occurrenceDateTime" not in out:
            at.scope.set_date_time(out, "occurrenceDateTime", raw, f"OBR-{number}")
