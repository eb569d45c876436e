"""A coded or written answer becomes the one value that a closed table gives it."""

from collections.abc import Mapping
from dataclasses import dataclass

from wherry_risk.model.observation import Concept
from wherry_risk.model.spec import Code


@dataclass(frozen=True, slots=True)
class Answers:
    """The answers of one question: by code, and by text in lower case."""

    codes: Mapping[Code, str]
    texts: Mapping[str, str]

    def of_text(self, text: str) -> str:
        """The value of a text of the table; "" for any other, which is never guessed at."""
        return self.texts.get(" ".join(text.split()).casefold().rstrip("."), "")

    def of_concept(self, concept: Concept) -> str:
        """The value on which all known codes and texts agree; "" when they differ."""
        written = [concept.text, *(coding.display for coding in concept.coding)]
        known = {self.codes.get(Code(c.system, c.code), "") for c in concept.coding}
        known |= {self.of_text(text) for text in written}
        known.discard("")
        return known.pop() if len(known) == 1 else ""
