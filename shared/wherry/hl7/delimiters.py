"""The first bytes of MSH become the delimiters that hold for this one message."""

from dataclasses import dataclass

from wherry.errors import Failure, Kind

FIELD, COMPONENT, REPETITION, ESCAPE, SUBCOMPONENT, TRUNCATION = "|", "^", "~", "\\", "&", "#"


@dataclass(frozen=True, slots=True)
class Delimiters:
    """MSH-1 and the characters of MSH-2; an empty `escape` means that nothing is escaped."""

    field: str = FIELD
    component: str = COMPONENT
    repetition: str = REPETITION
    escape: str = ESCAPE
    subcomponent: str = SUBCOMPONENT
    truncation: str = TRUNCATION

    @property
    def encoding(self) -> str:
        """MSH-2 as an answer repeats it: without the truncation character, which is 2.7 only."""
        return self.component + self.repetition + self.escape + self.subcomponent


STANDARD = Delimiters()


def read(msh: str) -> tuple[Delimiters, str]:
    """The delimiters of an MSH, FHS or BHS segment, and a remark when MSH-2 was not complete.

    Raises: Failure(INVALID) at MSH-1 or MSH-2 when they cannot be delimiters.
    Source: HL7 v2.5.1 §2.5.4; v2.7 §2.5.5.2 for the truncation character.
    """
    if msh.startswith("|^~\\&|", 3):
        return STANDARD, ""
    separator = msh[3:4]
    if not separator or separator.isalnum() or separator.isspace():
        raise Failure(Kind.INVALID, "no field separator", at="MSH-1")
    end = msh.find(separator, 4)
    encoding = (msh[4:] if end < 0 else msh[4:end]).strip()
    if any(char.isalnum() or char.isspace() for char in encoding):
        raise Failure(Kind.INVALID, "not encoding characters", at="MSH-2")
    named = _named(separator, encoding[:5])
    used = named.field + named.encoding
    if not named.component or len(set(used)) != len(used):
        raise Failure(Kind.INVALID, "two delimiters are the same character", at="MSH-2")
    return named, _remark(encoding)


def _named(separator: str, encoding: str) -> Delimiters:
    if encoding == "^~&":  # seen in the field: the escape character was left out, not the last one
        return Delimiters(separator, escape="")
    taken = separator + encoding
    return Delimiters(
        field=separator,
        component=encoding[0:1] or _free(COMPONENT, taken),
        repetition=encoding[1:2] or _free(REPETITION, taken),
        escape=encoding[2:3] if encoding else _free(ESCAPE, taken),
        subcomponent=encoding[3:4] or _free(SUBCOMPONENT, taken),
        truncation=encoding[4:5] or _free(TRUNCATION, taken),
    )


def _free(default: str, taken: str) -> str:
    """The standard character in place of a missing one, unless it already means something else."""
    return "" if default in taken else default


def _remark(encoding: str) -> str:
    if not encoding:
        return "empty; the standard delimiters were taken"
    if len(encoding) < 4:
        return "fewer than four encoding characters"
    return "more than five encoding characters" if len(encoding) > 5 else ""
