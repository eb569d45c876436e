"""What one request wants to write, before it is known which resource it means."""

from typing import NamedTuple
from urllib.parse import parse_qsl

from wherry_ehr.search.query import Pairs, Token, identifiers
from wherry_ehr.write.told import Told


class Intent(NamedTuple):
    """One write; `condition` is a query string in place of an id."""

    at: str
    method: str
    type: str
    id: str = ""
    condition: str = ""
    if_match: str = ""
    told: Told | None = None
    full_url: str = ""

    @property
    def own_id(self) -> str | None:
        """The id that the resource carries."""
        return self.told.resource.get("id") if self.told else None


def lone_identifier(condition: str) -> Token | None:
    """The identifier when the condition asks for exactly one and nothing else."""
    asked = identifiers(condition)
    return asked[0] if len(asked) == 1 else None


def pairs(condition: str) -> Pairs:
    """A query string as names and values; empty values stay, so that they are refused."""
    return parse_qsl(condition, keep_blank_values=True)
