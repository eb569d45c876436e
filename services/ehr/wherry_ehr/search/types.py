"""The names of the R4 resource types that have an endpoint."""

from functools import cache
from importlib.resources import files


@cache
def types() -> frozenset[str]:
    """All of them, read once from the table beside this file."""
    text = files("wherry_ehr.search").joinpath("r4-types.txt").read_text(encoding="utf-8")
    return frozenset(text.splitlines()[1:])
