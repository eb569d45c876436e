"""The name of a structure → its parts; a message's code and event → the name of its structure."""

from functools import cache

from wherry_hl7.grammar.corrections import additions, corrected
from wherry_hl7.grammar.notation import Part, parts
from wherry_hl7.grammar.tables import definition, definitions, lines

GENERIC = "GENERIC"
"""The structure of messages of a kind that no version defines."""

# What a message code without a known event is grouped by. Source: HL7 v2.5.1 §3.3, §4.4, §7.3
_USUAL = {
    "ADT": "ADT_A01",
    "ORU": "ORU_R01",
    "ORM": "ORM_O01",
    "OML": "OML_O21",
    "OUL": "OUL_R22",
    "SIU": "SIU_S12",
    "VXU": "VXU_V04",
    "MDM": "MDM_T02",
    "DFT": "DFT_P03",
    "ACK": "ACK",
}


def structure_of(kind: str, said: str = "") -> str:
    """The structure of a message by its code and event (MSH-9.1 and 9.2), such as ADT^A08.

    What the sender says in MSH-9.3 counts only where the event is unknown: senders put ADT_A08
    there. GENERIC when nothing is known.
    Source: HL7 table 0354.
    """
    code, _, event = (part.strip() for part in kind.upper().partition("^"))
    if code == "ACK":
        return "ACK"
    by_event = _events().get((code, event)) or _defined(f"{code}_{event}")
    return by_event or _defined(said.strip().upper()) or _USUAL.get(code) or GENERIC


def is_known(structure: str) -> bool:
    """Whether there are tables for this structure."""
    return structure in additions() or structure in definitions("structures")


@cache
def structure(name: str, *, strict: bool = False, newer: bool = False) -> Part:
    """A structure as one part, corrected; GENERIC for a name that is not known.

    `strict` is what the standard allows and no more; `newer` takes the definition of 2.8.2.
    """
    text = additions().get(name) or definition("structures", name, newer=newer)
    if text is None:
        return structure(GENERIC, strict=strict)
    return corrected(Part((name,), 1, 1, parts(text)), strict=strict)


def _defined(name: str) -> str:
    return name if name != GENERIC and is_known(name) else ""


@cache
def _events() -> dict[tuple[str, str], str]:
    rows = (line.split() for line in lines("events"))
    return {(name.partition("_")[0], event): name for name, *events in rows for event in events}
