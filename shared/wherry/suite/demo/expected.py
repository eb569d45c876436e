"""What the demo's two charts must show, whatever else their cards say."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, slots=True)
class Expected:
    """The CDS service asked, how urgent its card must be, and the words its summary must hold."""

    service: str
    indicator: str
    words: tuple[str, ...]

    def met_by(self, card: Mapping[str, Any]) -> bool:
        """Whether this card is as it must be."""
        summary = str(card.get("summary", ""))
        return card.get("indicator") == self.indicator and all(w in summary for w in self.words)

    def __str__(self) -> str:
        return f"a card that is {self.indicator} and says {' and '.join(self.words)}"


# The model's estimate with NEWS2 beside it: a fallback to NEWS2 alone would not be enough.
EXPECTED_OF_WORST = Expected("deterioration", "critical", ("Estimated risk", "%", "NEWS2 17"))
EXPECTED_OF_BEST = Expected("early-warning", "info", ("NEWS2 0",))
