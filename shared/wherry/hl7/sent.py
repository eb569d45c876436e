"""MSH-7 becomes the moment at which a sender's clock stood, when it says its offset."""

import re
from datetime import datetime

from wherry.hl7.head import Head

# Source: HL7 v2.5.1 §2.A.22 (DTM); without minutes or offset it is no moment to compare with
_EXACT = re.compile(r"(\d{12})(\d\d)?(?:\.\d+)?([+-]\d{4})", re.ASCII)


def sent_at(head: Head) -> datetime | None:
    """The time of the message as its sender's clock had it; None when nobody can tell exactly."""
    found = _EXACT.fullmatch(head.component(7))
    if found is None:
        return None
    try:
        return datetime.strptime(f"{found[1]}{found[2] or '00'}{found[3]}", "%Y%m%d%H%M%S%z")
    except ValueError:
        return None
