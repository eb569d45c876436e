"""The bytes of one HL7 v2 message become segments, lazily: nothing is split before it is read."""

from collections.abc import Iterator

from wherry.errors import Failure, Kind
from wherry.hl7 import charset as charsets
from wherry.hl7 import controls
from wherry.hl7 import head as heads
from wherry.hl7.delimiters import Delimiters
from wherry.hl7.lines import segments
from wherry.hl7.segment import Context, Segment
from wherry.resource import Issue

_KEEP_ALIVES = b"\x00\x0b \t\r\n"
_BOM = b"\xef\xbb\xbf"
_UTF16_BOMS = (b"\xff\xfe", b"\xfe\xff")


class Message:
    """One message: its segments in the order they came, and what was odd about it."""

    __slots__ = ("_context", "msh", "segments")

    def __init__(self, found: list[Segment], context: Context) -> None:
        self._context = context
        self.segments = found
        self.msh = found[0]

    @classmethod
    def parse(cls, data: bytes | str, *, charset: str = "") -> "Message":
        """Read one message; `charset` is a Python codec that overrides MSH-18.

        Raises: Failure(INVALID) at MSH when there is no usable MSH segment.
        Source: HL7 v2.5.1 §2.5, §2.6, §2.15.9.
        """
        raw = data.encode("utf-8", "surrogateescape") if isinstance(data, str) else data
        if raw.startswith(_UTF16_BOMS):
            raw, charset = raw.decode("utf-16", "replace").encode(), "utf-8"
        head = heads.read(raw)
        forced = charset or ("utf-8" if isinstance(data, str) else "")
        decoded = charsets.decode(
            raw[head.start :], head.field(18), forced, head.delimiters.repetition
        )
        context = Context(head.delimiters, decoded.codec)
        _note(context, "MSH-2", head.remark)
        _note(context, "MSH-18", decoded.remark)
        if raw[: head.start].removeprefix(_BOM).strip(_KEEP_ALIVES):
            context.remark("MSH", "there were other bytes before the message")
        text = decoded.text
        if controls.are_in(text):
            text = controls.replaced(text, head.delimiters)
            context.remark("MSH", "control characters were replaced")
        found = segments(text, context)
        if not found or found[0].name != "MSH":
            raise Failure(Kind.INVALID, "MSH cannot be read in this character set", at="MSH-18")
        return cls(found, context)

    @property
    def delimiters(self) -> Delimiters:
        """The delimiters of this message."""
        return self._context.delimiters

    @property
    def charset(self) -> str:
        """The Python codec that the bytes were read with."""
        return self._context.charset

    @property
    def warnings(self) -> list[Issue]:
        """What was odd so far; leaves are judged when they are read."""
        return list(self._context.remarks)

    def all(self, name: str) -> Iterator[Segment]:
        """Every segment of this name, in order."""
        return (segment for segment in self.segments if segment.name == name)

    def first(self, name: str) -> Segment | None:
        """The first segment of this name."""
        return next(self.all(name), None)

    @property
    def kind(self) -> str:
        """Message code and trigger event, such as ADT^A01, however the message is delimited."""
        code, event = self.msh.text(9).strip(), self.msh.text(9, 2).strip()
        return f"{code}^{event}" if event else code

    @property
    def control_id(self) -> str:
        """MSH-10 as it was sent."""
        return self.msh.field(10)

    @property
    def version(self) -> str:
        """MSH-12.1, such as 2.5.1."""
        return self.msh.text(12).strip()


def _note(context: Context, at: str, text: str) -> None:
    if text:
        context.remark(at, text)
