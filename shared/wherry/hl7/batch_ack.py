"""The acknowledgments of a batch's messages become the batch that goes back to its sender."""

from collections.abc import Sequence
from datetime import datetime

from wherry.errors import Failure
from wherry.hl7 import delimiters as marks
from wherry.hl7.delimiters import STANDARD
from wherry.hl7.escapes import escape


def build(
    header: bytes, acks: Sequence[bytes], *, at: datetime, id_: str, remarks: Sequence[str] = ()
) -> bytes:
    """BHS, the acknowledgments, BTS: in the delimiters of the batch's own BHS or FHS.

    BHS-12 refers to the sender's BHS-11; what the trailers counted wrongly is said in BTS-2.
    Source: HL7 v2.5.1 §2.10.3.3, §2.15.2, §2.15.3.
    """
    line = header.decode("latin-1")
    try:
        mark, remark = marks.read(line)
    except Failure:
        mark, remark = STANDARD, "unreadable"
    sent = line.split(mark.field)
    said = [*sent, *[""] * 11]
    encoding = mark.encoding if remark else said[1]
    parties = [said[4], said[5], said[2], said[3]]
    time = at.strftime("%Y%m%d%H%M%S%z")
    first = ["BHS", encoding, *parties, time, "", "", "", id_, said[10]]
    last = ["BTS", str(len(acks))]
    if remarks:
        last.append(escape("; ".join(remarks), mark))
    start, end = (f"{mark.field.join(one)}\r".encode("latin-1", "replace") for one in (first, last))
    return start + b"".join(acks) + end
