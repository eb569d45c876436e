"""What diagnoses, problems, allergies and procedures share: their identity and their statuses."""

from wherry.fhir.identity import key
from wherry.hl7.segment import Segment
from wherry.resource import Coding, Identifier
from wherry_hl7.translate.at import At
from wherry_hl7.translate.converters.codes import token


def own_identity(
    at: At, system: str, value: str, *, within: tuple[str, ...] = ("Patient",), apart: bool = False
) -> Identifier:
    """An identity of this sender's own, inside the first of `within` that is in sight.

    `apart` keeps those of one message apart that nothing else tells apart: #2, #3, …
    """
    around = next((made for name in within if (made := at.find(name)) is not None), None)
    value = f"{around.key}/{value}" if around is not None else value
    if apart:
        value = at.draft.unique(f"{system}:{value}").partition(":")[2]
    return {"system": at.scope.own(system), "value": value}


def coded(segment: Segment, *numbers: int) -> tuple[str, ...]:
    """What the first of these coded fields that says something is known by.

    Its code with its system, else its text in small letters.
    """
    for number in numbers:
        rep = segment[number].first
        for code, text, system in ((1, 2, 3), (4, 5, 6)):
            if said := token(rep[code]):
                return (said.upper(), rep[system].strip().upper())
            if said := token(rep[text]):
                return (said.casefold(),)
        if said := token(rep[9]):
            return (said.casefold(),)
    return ()


def numbered(segment: Segment, number: int) -> str:
    """An EI field as a key: its number and who gave it; empty when there is no number."""
    rep = segment[number].first
    return key("id", rep[1].strip(), rep[2] or rep[3]) if rep[1].strip() else ""


def ACTIVE(system: str) -> Coding:
    """The code for what is there."""
    return {"system": system, "code": "active", "display": "Active"}
