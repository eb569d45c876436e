"""Scopes in plain words, for the person who is asked to agree."""

from wherry_ehr.auth.scopes import OFFLINE, ONLINE, PATIENT, Access, access

# In the order of the letters. Source: SMART 2.2, R120 to R125
_DEEDS = {"c": "add", "r": "read", "u": "change", "d": "delete", "s": "search"}

_CONTEXT = {
    "openid": "know that you are signed in, and recognise you next time",
    "fhirUser": "read who you are",
    "launch": "know what the chart shows",
    "launch/patient": "know which patient you choose",
    "launch/encounter": "know which encounter you choose",
    OFFLINE: "keep its access for up to 90 days, also when you have signed out",
    ONLINE: "keep its access as long as you are signed in",
}


def in_words(scope: str) -> list[str]:
    """One line for each scope that matters to a person."""
    return [_words(word) for word in scope.split()]


def _words(word: str) -> str:
    if found := access(word):
        return _resources(found)
    return _CONTEXT.get(word.partition("?")[0], f"use {word}")


def _resources(found: Access) -> str:
    deeds = [_DEEDS[letter] for letter in found.letters]
    said = deeds[0] if len(deeds) == 1 else f"{', '.join(deeds[:-1])} and {deeds[-1]}"
    what = "all data" if found.type == "*" else found.type
    of = "of this patient" if found.level == PATIENT else "of every patient that you may see"
    narrow = f", only where {found.query.replace('&', ' and ')}" if found.query else ""
    return f"{said} {what} {of}{narrow}"
