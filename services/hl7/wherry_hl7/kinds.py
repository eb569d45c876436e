"""MSH-9 as it was sent becomes the code and event that a message is about, such as ADT^A01."""

import re

from wherry.hl7.message import Message

# Codes that have one event in practice: what a message without its event means.
# Source: HL7 table 0354; HL7 v2.1 had no event in MSH-9.
_USUAL = {"ORU": "R01", "ORM": "O01", "VXU": "V04", "DFT": "P03", "QRY": "A19"}
_OF_ADT = re.compile(r"A\d\d")


def known_by_name(code: str, event: str, structure: str = "") -> str:
    """Code and event in capitals, apart where they were sent as one word (ADT_A01).

    A missing event is taken from the structure (MSH-9.3), whose events it may be one of.
    """
    code, event = code.strip().upper(), event.strip().upper()
    if not code and _OF_ADT.fullmatch(event):
        code = "ADT"
    if "_" in code and not event:
        code, _, event = code.partition("_")
    said, _, of_structure = structure.strip().upper().partition("_")
    if not event and said == code:
        event = of_structure
    return f"{code}^{event}" if event else code


def kind_of(message: Message) -> str:
    """Code and event of a message; a missing event is EVN-1, else what MSH-9 lets suppose.

    Source: HL7 v2.5.1 §2.15.9.9 (MSH-9), §3.4.1.1 (EVN-1 repeats the event).
    """
    said = known_by_name(message.msh.text(9), message.msh.text(9, 2))
    if "^" in said:
        return said
    evn = message.first("EVN")
    event = evn.text(1).strip().upper() if evn is not None else ""
    if event:
        return f"{said}^{event}"
    found = known_by_name(said, "", message.msh.text(9, 3))
    return found if "^" in found or said not in _USUAL else f"{said}^{_USUAL[said]}"
