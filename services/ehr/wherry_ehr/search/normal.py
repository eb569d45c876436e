"""Texts as searches compare them: without case, accents and doubled spaces."""

import unicodedata
from collections.abc import Iterator
from functools import lru_cache
from typing import Any

TEXT_CHARS = 200
"""Longer texts are indexed and searched by their first characters."""

# Source: FHIR R4 datatypes, HumanName and Address (the elements that hold words).
_PARTS = (
    *("text", "family", "given", "prefix", "suffix"),
    *("line", "city", "district", "state", "postalCode", "country"),
)


@lru_cache(4096)
def normal(text: str) -> str:
    """How this text is compared. Source: FHIR R4 search, 3.1.1.4.8 (string)."""
    if text.isascii():
        return " ".join(text.lower().split())[:TEXT_CHARS].strip()
    apart = unicodedata.normalize("NFKD", text).casefold()  # ℠ is SM before it is sm
    whole = unicodedata.normalize("NFKD", apart)
    letters = "".join(char for char in whole if not unicodedata.combining(char))
    return " ".join(letters.split())[:TEXT_CHARS].strip()


def words(value: Any) -> Iterator[str]:
    """Every text of a string, HumanName or Address, one or many."""
    if isinstance(value, str):
        yield value
    elif isinstance(value, list):
        for item in value:
            yield from words(item)
    elif isinstance(value, dict):
        for name in _PARTS:
            yield from words(value.get(name))
