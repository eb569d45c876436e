"""A PDF as Chromium writes it becomes the glyphs of each of its pages, in the order of painting."""

import re
import zlib

_OBJECT = re.compile(rb"(\d+) 0 obj\n(.*?)endobj", re.DOTALL)
_STREAM = re.compile(rb"stream\r?\n(.*)\nendstream", re.DOTALL)
_SHOWN = re.compile(rb"<([0-9A-Fa-f]+)> Tj")


def glyphs(pdf: bytes) -> list[bytes]:
    """One text of glyph numbers in hexadecimal for each page. Source: ISO 32000-1, 7.3, 9.4.3."""
    objects = dict(_OBJECT.findall(pdf))
    contents = [
        found[1]
        for body in objects.values()
        if re.search(rb"/Type ?/Page\b", body) and (found := re.search(rb"/Contents (\d+) 0", body))
    ]
    return [b"".join(_SHOWN.findall(_text(objects[number]))) for number in contents]


def _text(body: bytes) -> bytes:
    found = _STREAM.search(body)
    return zlib.decompress(found[1]) if found else b""
