"""An Apple Health export becomes records, one after the other, however long the file is."""

from collections.abc import Iterator, Mapping
from functools import lru_cache
from io import BytesIO
from typing import IO, Any
from xml.parsers import expat

from wherry.codec import decode as json
from wherry.errors import Failure, Kind

_RECORD, _PANEL, _ROOT, _NOTE = "Record", "Correlation", "HealthData", "MetadataEntry"
_PRESSURE = "HKCorrelationTypeIdentifierBloodPressure"
_PART = "HKQuantityTypeIdentifierBloodPressure"
_FIELDS = ("type", "sourceName", "unit", "value", "startDate", "endDate", "creationDate")
_NOTED = {"HKWasUserEntered": "entered", "HKTimeZone": "zone"}
_CHUNK = 64 * 1024


def decode(body: bytes) -> Any:
    """`records` of a whole export, or of a part that `send-export` made of it.

    Raises: Failure(INVALID) when it is neither.
    """
    if body.lstrip()[:1] == b"{":
        return json(body)
    return {"records": list(records(BytesIO(body)))}


def records(file: IO[bytes]) -> Iterator[dict[str, Any]]:
    """The records of an export as its file is read; what was read is let go.

    A blood pressure is one record with its two numbers; the copies of these that Apple writes
    beside it are left out. An export has a DTD of its own; entities in it are refused.
    Raises: Failure(INVALID) where it ends being one.
    """
    reader = _Reader()
    try:
        while chunk := file.read(_CHUNK):
            reader.feed(chunk)
            yield from reader.taken()
        reader.feed(b"", last=True)
    except (expat.ExpatError, _Refused):
        raise Failure(Kind.INVALID, "not an Apple Health export") from None


class _Refused(ValueError):
    """Well-formed, but not what Apple writes."""


class _Reader:
    """A streaming parser that holds one record, or one panel, at a time."""

    def __init__(self) -> None:
        self._parser = expat.ParserCreate()
        self._parser.buffer_text = True
        self._parser.StartElementHandler = self._start
        self._parser.EndElementHandler = self._end
        self._parser.EntityDeclHandler = self._refuse
        self._parser.SetParamEntityParsing(expat.XML_PARAM_ENTITY_PARSING_NEVER)
        self._record: dict[str, Any] | None = None
        self._panel: dict[str, Any] | None = None
        self._parts: list[dict[str, Any]] = []
        self._done: list[dict[str, Any]] = []
        self._depth = 0

    def feed(self, chunk: bytes, *, last: bool = False) -> None:
        """Read on."""
        self._parser.Parse(chunk, last)

    def taken(self) -> list[dict[str, Any]]:
        """The records that are whole by now."""
        done, self._done = self._done, []
        return done

    def _refuse(self, *_: object) -> None:
        raise _Refused

    def _start(self, tag: str, attributes: Mapping[str, str]) -> None:
        if not self._depth and tag != _ROOT:
            raise _Refused
        self._depth += 1
        if tag == _RECORD:
            self._record = _opened(attributes)
        elif tag == _PANEL:
            self._panel, self._parts = _opened(attributes), []
        elif tag == _NOTE and (name := _NOTED.get(attributes.get("key", ""))):
            about = self._record if self._record is not None else self._panel
            if about is not None:
                about[name] = attributes.get("value", "")

    def _end(self, tag: str) -> None:
        self._depth -= 1
        if tag == _RECORD and self._record is not None:
            if self._panel is not None:
                self._parts.append(self._record)
            elif not self._record["type"].startswith(_PART):
                self._done.append(self._record)
            self._record = None
        elif tag == _PANEL and self._panel is not None:
            self._done.append(_together(self._panel, self._parts))
            self._panel = None


def _opened(attributes: Mapping[str, str]) -> dict[str, Any]:
    out: dict[str, Any] = {name: attributes.get(name, "") for name in _FIELDS}
    return out | {"device": device_of(attributes.get("device", ""))}


def _together(panel: dict[str, Any], parts: list[dict[str, Any]]) -> dict[str, Any]:
    if panel["type"] == _PRESSURE:
        for part in parts:
            panel[part["type"].removeprefix(_PART).lower()] = part["value"]
            panel["unit"] = part["unit"]
            panel["device"] = part["device"]
    return panel


@lru_cache(maxsize=256)
def device_of(text: str) -> Mapping[str, str]:
    """`<<HKDevice: 0x1>, name:Apple Watch, model:Watch, …>` as names and values.

    A comma may be part of a value, as in `hardware:Watch6,12`.
    """
    out: dict[str, str] = {}
    last = ""
    for part in text.removesuffix(">").split(",")[1:]:
        name, colon, value = part.strip().partition(":")
        if colon and name.isalpha():
            out[name], last = value, name
        elif last:
            out[last] += f",{part}"
    return out
