"""`OBX-2 in ['CE', 'CWE'] and OBX-5 valued` becomes one function of a segment and its context.

    condition := all ("or" all)*          all := one ("and" one)*
    one       := "not" one | "(" condition ")" | test
    test      := PATH "valued" | PATH "null" | PATH ("==" | "!=") TEXT | PATH ["not"] "in" LIST
               | SEGMENT "present" | "within" GROUP | "has" RESOURCE | "is" FUNCTION | "used"

PATH is a field, a component (in a datatype), or one of the words event, code, structure. Texts are
compared without case and without blanks around them. FUNCTION is a named one, of a segment and its
context, that says yes or no. There is nothing else.
"""

import re
from collections.abc import Callable
from typing import Any

from wherry.errors import Failure, Kind
from wherry.hl7.segment import NULL
from wherry_hl7.mapping import named, paths

Condition = Callable[[Any, Any], bool]
Reader = Callable[[Any, Any], str]

_TOKEN = re.compile(
    r"\s*(?:(?P<text>'[^']*')|(?P<mark>==|!=|[()\[\],])|(?P<word>[A-Za-z0-9_.\-]+))"
)
_WORDS = frozenset({"event", "code", "structure"})


def condition(text: str, reader: Callable[[paths.Path], Reader]) -> Condition:
    """Compile a condition; `reader` makes a function that reads a path's text.

    Raises: Failure(INVALID) at when.
    """
    parser = _Parser(_tokens(text), reader)
    found = parser.any_of()
    if parser.left:
        raise _failure(f"not expected here: {parser.left[0]}")
    return found


def fields_of(text: str) -> tuple[str, ...]:
    """The paths that a condition reads, for coverage and for lint."""
    found = []
    for token in _tokens(text):
        try:
            found.append(paths.path(token).text)
        except Failure:
            continue
    return tuple(found)


def _tokens(text: str) -> list[str]:
    out, at, end = [], 0, len(text.rstrip())
    while at < end:
        found = _TOKEN.match(text, at)
        if found is None:
            raise _failure(f"cannot be read from: {text[at:].strip()[:20]}")
        out.append(found[0].strip())
        at = found.end()
    return out


class _Parser:
    """Recursive descent over the few words of the language."""

    def __init__(self, tokens: list[str], reader: Callable[[paths.Path], Reader]) -> None:
        self.left = tokens
        self._reader = reader

    def any_of(self) -> Condition:
        parts = [self._all_of()]
        while self._taken("or"):
            parts.append(self._all_of())
        if len(parts) == 1:
            return parts[0]
        return lambda source, at: any(part(source, at) for part in parts)

    def _all_of(self) -> Condition:
        parts = [self._one()]
        while self._taken("and"):
            parts.append(self._one())
        if len(parts) == 1:
            return parts[0]
        return lambda source, at: all(part(source, at) for part in parts)

    def _one(self) -> Condition:
        if self._taken("not"):
            inner = self._one()
            return lambda source, at: not inner(source, at)
        if self._taken("("):
            inner = self.any_of()
            self._expect(")")
            return inner
        return self._test(self._next())

    def _test(self, word: str) -> Condition:
        if word in ("within", "has"):
            name = self._next()
            if word == "within":
                return lambda _, at: bool(at.within(name))
            return lambda _, at: at.find(name) is not None
        if word == "is":
            return _function(self._next())
        if word == "used":
            return lambda source, at: id(source) in at.scope.used
        if self._taken("present"):
            return lambda _, at: at.near(word) is not None
        read = _word(word) if word in _WORDS else self._reader(paths.path(word))
        return self._comparison(read)

    def _comparison(self, read: Reader) -> Condition:
        verb = self._next()
        if verb == "valued":
            return lambda source, at: bool(read(source, at))
        if verb == "null":
            return lambda source, at: _is_null(read(source, at))
        if verb in ("==", "!="):
            wanted, equal = _text(self._next()), verb == "=="
            return lambda source, at: (_folded(read(source, at)) == wanted) is equal
        inside = verb != "not"
        if not inside:
            self._expect("in")
        elif verb != "in":
            raise _failure(f"expected valued, null, ==, !=, in or not in; found {verb}")
        listed = self._list()
        return lambda source, at: (_folded(read(source, at)) in listed) is inside

    def _list(self) -> frozenset[str]:
        self._expect("[")
        found = {_text(self._next())}
        while self._taken(","):
            found.add(_text(self._next()))
        self._expect("]")
        return frozenset(found)

    def _next(self) -> str:
        if not self.left:
            raise _failure("it ends too early")
        return self.left.pop(0)

    def _taken(self, word: str) -> bool:
        if self.left and self.left[0] == word:
            self.left.pop(0)
            return True
        return False

    def _expect(self, word: str) -> None:
        if not self._taken(word):
            raise _failure(f"expected {word}")


def _word(name: str) -> Reader:
    return lambda _, at: str(getattr(at.scope, name))


def _function(name: str) -> Condition:
    found = named.FUNCTIONS.get(name)
    if found is None:
        raise _failure(f"no function is called {name}")
    return found


def _is_null(text: str) -> bool:
    return text is NULL


def _folded(text: str) -> str:
    return text.strip().upper()


def _text(token: str) -> str:
    if len(token) < 2 or token[0] != "'":
        raise _failure(f"texts are in quotes: '{token}'")
    return _folded(token[1:-1])


def _failure(text: str) -> Failure:
    return Failure(Kind.INVALID, text, at="when")
