"""Fields by their numbers become synthetic HL7 v2 segments and messages."""

from collections.abc import Mapping


def segment(name: str, fields: Mapping[int, str]) -> str:
    """A segment with these fields, everything between them empty."""
    return "|".join([name, *(fields.get(n, "") for n in range(1, max(fields, default=0) + 1))])


def message(
    *segments: str,
    kind: str = "ORU^R01",
    time: str = "20260105120000+0000",
    control_id: str = "C-1",
    application: str = "LABSYS",
) -> bytes:
    """A message from the synthetic facility LAB."""
    msh = f"MSH|^~\\&|{application}|LAB|WHERRY|NORTH|{time}||{kind}|{control_id}|P|2.5.1"
    return "\r".join([msh, *segments]).encode()
