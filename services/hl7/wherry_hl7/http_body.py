"""A request's media type, character set and body become complete messages, as they come in."""

import codecs
from collections.abc import Iterator
from dataclasses import dataclass

from flask import request

from wherry.errors import Failure, Kind
from wherry.hl7.batch_stream import BatchStream, Piece

# Source: HL7 over HTTP (HAPI's specification); the other two are what senders do
MEDIA_TYPES = frozenset({"application/hl7-v2", "x-application/hl7-v2+er7", "text/plain"})

_XML = frozenset({"application/hl7-v2+xml", "application/xml", "text/xml"})

_CHUNK_BYTES = 64 * 1024
_WIDE = ("utf-16", "utf-32")  # MSH cannot be found in them as bytes
_BOMS = {codecs.BOM_UTF16_LE: "utf-16", codecs.BOM_UTF16_BE: "utf-16"}


@dataclass(frozen=True, slots=True)
class Sent:
    """What the request says of its body: media type, charset as written, the codec behind it.

    The charset of HTTP goes before MSH-18. Bodies in a wide one are kept as UTF-8.
    """

    media_type: str
    charset: str
    codec: str

    @property
    def is_wide(self) -> bool:
        """Whether the bytes are not those of ASCII where the text is."""
        return self.codec.startswith(_WIDE)

    @property
    def kept_codec(self) -> str:
        """The codec that the kept bytes are read with; empty when MSH-18 says it."""
        return "utf-8" if self.is_wide else self.codec

    def answered(self, answer: bytes) -> bytes:
        """An answer in the character set of the request."""
        return answer.decode("utf-8", "replace").encode(self.codec) if self.is_wide else answer

    @property
    def content_type(self) -> str:
        """The content type of the answer."""
        return f"{self.media_type}; charset={self.charset}" if self.charset else self.media_type


def sent() -> Sent:
    """What this request says. Raises: Failure(UNSUPPORTED)."""
    if request.mimetype in _XML:
        raise Failure(Kind.UNSUPPORTED, "HL7 v2 as XML is not taken here", at="Content-Type")
    if request.mimetype not in MEDIA_TYPES:
        raise Failure(
            Kind.UNSUPPORTED,
            "send application/hl7-v2, x-application/hl7-v2+er7 or text/plain",
            at="Content-Type",
        )
    if request.headers.get("Content-Encoding", "identity").lower() != "identity":
        raise Failure(Kind.UNSUPPORTED, "send the body as it is", at="Content-Encoding")
    charset = request.mimetype_params.get("charset", "").strip()
    try:
        codec = codecs.lookup(charset).name if charset else ""
        "".encode(codec or "utf-8")  # some codecs do not make text
    except (LookupError, UnicodeError, ValueError):
        raise Failure(
            Kind.UNSUPPORTED, "this character set is not known", at="Content-Type"
        ) from None
    return Sent(request.mimetype, charset, codec)


def pieces(said: Sent, stream: BatchStream, max_bytes: int) -> Iterator[Piece]:
    """The messages of the body, each as soon as it is complete.

    Raises: Failure(INVALID) for an empty body; 413 beyond `max_bytes`, when some may have been
    given out.
    """
    request.max_content_length = max_bytes
    size = 0
    for data in _narrow(said, _chunks()):
        size += len(data)
        yield from stream.feed(data)
    if not size:
        raise Failure(Kind.INVALID, "the body is empty")
    yield from stream.finish()


def _chunks() -> Iterator[bytes]:
    while data := request.stream.read(_CHUNK_BYTES):
        yield data


def _narrow(said: Sent, chunks: Iterator[bytes]) -> Iterator[bytes]:
    """The same bytes; in a wide character set, said or seen by its first bytes, as UTF-8."""
    first = next(chunks, b"")
    codec = said.codec if said.is_wide else "" if said.codec else _BOMS.get(first[:2], "")
    if not codec:
        yield first
        yield from chunks
        return
    decoder = codecs.getincrementaldecoder(codec)("replace")
    yield decoder.decode(first).encode()
    for data in chunks:
        yield decoder.decode(data).encode()
    yield decoder.decode(b"", True).encode()
