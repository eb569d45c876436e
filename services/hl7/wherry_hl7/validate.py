"""One message becomes findings: our own checks beside hl7apy's full validation, without values."""

import os
import re
import tempfile
from typing import IO, Any

from wherry.errors import Failure
from wherry.hl7.message import Message
from wherry_hl7.grammar.check import check
from wherry_hl7.grammar.structures import structure_of

_BYTES_A_SECOND = 8 * 1024  # hl7apy needs so long when a message is odd
_MOST_FINDINGS = 500

_NAME = r"([A-Z][A-Z0-9]{1,2}(?:_[A-Z0-9]+)*)"
# What hl7apy's report says → rule. Only the names at the end are taken: before them come values.
_SAID = tuple(
    (re.compile(pattern), rule, text)
    for pattern, rule, text in (
        (rf"Missing required child {_NAME}\.{_NAME}$", "required", "required, but not there"),
        (rf"Child limit exceeded {_NAME}\.{_NAME}$", "repetition", "too many of them"),
        (rf"in element {_NAME}\.{_NAME}$", "code", "not in the table of this element"),
        (rf"Exceeded max length \(\d+\) of {_NAME}\.{_NAME}$", "length", "too long"),
        (rf"is not correct for {_NAME}\.{_NAME} \(", "data-type", "another data type"),
        (rf"Invalid children detected for <\w+ {_NAME}", "unexpected", "it has parts of another"),
        (rf"Unknown element found: {_NAME}", "unexpected", "it has a part that is not known"),
    )
)
_FIELD = re.compile(r"([A-Z][A-Z0-9]{1,2})_(\d+)")
_Finding = dict[str, str]


def judged(body: bytes, *, charset: str = "", within_s: float = 30.0) -> dict[str, Any]:
    """`structure`, `version` and `findings` of one message, each with rule, place, words and who.

    A body that is no message has one finding. hl7apy is not asked about a message that it would
    not have read in that time.
    """
    try:
        message = Message.parse(body, charset=charset)
    except Failure as failure:
        unreadable = _finding("unreadable", failure.at, failure.detail, "wherry")
        return {"structure": "", "version": "", "findings": [unreadable]}
    structure = structure_of(message.kind, message.msh.text(9, 3))
    own = check(message, structure, version=message.version)
    found = [_finding(one.rule, one.at, one.text, "wherry") for one in own[:_MOST_FINDINGS]]
    if left := len(own) - len(found):
        found.append(_finding("more", "MSH", f"and {left} more findings", "wherry"))
    text = "\r".join(segment.raw for segment in message.segments)
    return {
        "structure": structure,
        "version": _safe(message.version),
        "findings": [*found, *_by_hl7apy(text, within_s)],
    }


def _by_hl7apy(text: str, within_s: float) -> list[_Finding]:
    from hl7apy.parser import parse_message  # noqa: PLC0415 - half a second, for who asks
    from hl7apy.validation import Validator  # noqa: PLC0415

    if len(text) > within_s * _BYTES_A_SECOND:
        return [_finding("not-judged", "MSH", "no time left for a full validation", "hl7apy")]
    with _paper() as report:
        try:
            Validator.validate(parse_message(text), report_file=os.dup(report.fileno()))
            clean = True
        except Exception:  # the first in its report; or it broke on an odd message
            clean = False
        report.seek(0)
        lines = report.read().decode("utf-8", "replace").splitlines()
    if not lines and not clean:
        return [_finding("not-judged", "MSH", "hl7apy cannot read this message", "hl7apy")]
    return list({str(one): one for one in map(_said, lines)}.values())


def _paper() -> IO[bytes]:
    """Where hl7apy writes: its report repeats values, so it never gets a name on a disk."""
    if hasattr(os, "memfd_create"):
        return os.fdopen(os.memfd_create("report"), "w+b")
    return tempfile.TemporaryFile()


def _said(line: str) -> _Finding:
    for pattern, rule, text in _SAID:
        if found := pattern.search(line):
            return _finding(rule, _place(found.groups()[-1]), text, "hl7apy")
    return _finding("other", "MSH", "hl7apy found something else", "hl7apy")


def _place(name: str) -> str:
    field = _FIELD.fullmatch(name)
    return f"{field[1]}-{field[2]}" if field else name


def _finding(rule: str, at: str, text: str, by: str) -> _Finding:
    return {"rule": rule, "at": at, "text": text, "by": by}


def _safe(version: str) -> str:
    return version if re.fullmatch(r"\d(\.\d){1,2}", version) else ""
