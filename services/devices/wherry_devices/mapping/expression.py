"""An expression of a template: JMESPath without functions, over one item or the whole payload."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import jmespath
from jmespath.exceptions import JMESPathError

_WHOLE = "$."


@dataclass(frozen=True, slots=True)
class Expression:
    """A compiled expression."""

    parsed: Any
    whole: bool

    def __call__(self, item: Any, payload: Any) -> Any:
        """What it selects; None when nothing is there."""
        return self.parsed.search(payload if self.whole else item)

    def names(self) -> Iterator[str]:
        """The names of all fields that it looks at."""
        yield from _names(self.parsed.parsed)

    def functions(self) -> bool:
        """Whether it calls a function, which templates may not."""
        return _calls(self.parsed.parsed)


def expression(text: str) -> Expression:
    """Compile one expression. Raises: ValueError with what is wrong."""
    whole = text.startswith(_WHOLE)
    try:
        return Expression(jmespath.compile(text.removeprefix(_WHOLE)), whole)
    except JMESPathError as error:
        raise ValueError(str(error).splitlines()[0]) from None


def _names(node: Mapping[str, Any]) -> Iterator[str]:
    if node["type"] == "field":
        yield node["value"]
    for child in node["children"]:
        yield from _names(child)


def _calls(node: Mapping[str, Any]) -> bool:
    return node["type"] == "function_expression" or any(map(_calls, node["children"]))
