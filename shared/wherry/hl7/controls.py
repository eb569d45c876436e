"""Control characters in a message's text become one that FHIR can hold, in plain sight."""

import re

from wherry.hl7.delimiters import Delimiters

_CONTROL = r"[\x00-\x08\x0b\x0c\x0e-\x1f]"
_CONTROLS = re.compile(_CONTROL)
_PADDING = re.compile(rf"(?:\A|(?<=[\r\n])){_CONTROL}+|{_CONTROL}+(?=[\r\n]|\Z)")
_STAND_IN = "\ufffd"


def are_in(text: str) -> bool:
    """Whether there are characters that no FHIR string may hold. Source: FHIR R4 datatypes."""
    return _CONTROLS.search(text) is not None


def replaced(text: str, delimiters: Delimiters) -> str:
    """Those around a line left out, all others replaced by U+FFFD; delimiters stay.

    They are replaced and not left out, so that two numbers never become the same one.
    """
    used = f"{delimiters.field}{delimiters.encoding}{delimiters.truncation}"
    inner = _PADDING.sub("", text)
    return _CONTROLS.sub(lambda found: found[0] if found[0] in used else _STAND_IN, inner)
