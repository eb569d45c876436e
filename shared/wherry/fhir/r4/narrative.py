"""Narrative.div → whether it is a well-formed XHTML div with nothing that runs or loads."""

import re
from html import unescape

# FHIR R4 narrative.html: HTML 4.0 chapters 7-11 and 15, links and images; no forms, no objects.
_ELEMENTS = """
a abbr acronym address b bdo big blockquote br caption center cite code col colgroup dd del dfn dir
div dl dt em font h1 h2 h3 h4 h5 h6 hr i img ins kbd li menu ol p pre q s samp small span strike
strong sub sup table tbody td tfoot th thead tr tt u ul var
"""
ELEMENTS = frozenset(_ELEMENTS.split())
_NAMESPACE = "http://www.w3.org/1999/xhtml"
_ATTRIBUTE = re.compile(r"""\s+([\w:.-]+)\s*=\s*(?:"([^"<]*)"|'([^'<]*)')""")
_TAG = re.compile(
    r"<(?P<closing>/?)(?P<name>[a-z][a-z0-9]*)"
    r"""(?P<attributes>(?:\s+[\w:.-]+\s*=\s*(?:"[^"<]*"|'[^'<]*'))*)"""
    r"\s*(?P<alone>/?)>"
)
_BARE_AMPERSAND = re.compile(r"&(?!#[0-9]+;|#x[0-9A-Fa-f]+;|[A-Za-z][A-Za-z0-9]*;)")
_BLANK = re.compile(r"[\x00-\x20]+")
_ADDRESSES = ("href", "src", "cite", "longdesc", "background")
_RUNNING = re.compile(r"(?:javascript|vbscript|file|data):(?!image/)", re.IGNORECASE)
_LOADING = re.compile(r"url\(|expression\(|@import|\\", re.IGNORECASE)


def is_safe(div: str) -> bool:
    """Whether this is one XHTML div of formatting elements, each closed, without active content.

    Source: FHIR R4 narrative.html, invariants txt-1 and txt-2.
    """
    text = _without_comments(div).rstrip()
    if not text.startswith("<div") or _BARE_AMPERSAND.search(text):
        return False
    open_: list[str] = []
    said = False
    end = 0
    for tag in _TAG.finditer(text):
        between = text[end : tag.start()]
        if "<" in between or (end and not open_) or not _is_allowed(tag, first=not end):
            return False
        said = said or tag["name"] == "img" or bool(between.strip())
        if tag["closing"]:
            if open_.pop() != tag["name"]:
                return False
        elif not tag["alone"]:
            open_.append(tag["name"])
        end = tag.end()
    return said and not open_ and end == len(text)


def _is_allowed(tag: re.Match[str], *, first: bool) -> bool:
    if tag["name"] not in ELEMENTS or (first and _NAMESPACE not in tag["attributes"]):
        return False
    for name, double, single in _ATTRIBUTE.findall(tag["attributes"]):
        key, value = name.lower(), _BLANK.sub("", unescape(double or single))
        if key.startswith("on"):
            return False
        if key in _ADDRESSES and _RUNNING.match(value):
            return False
        if key == "style" and _LOADING.search(value):
            return False
    return True


def _without_comments(text: str) -> str:
    """The text without <!-- … -->; an unclosed comment stays and is not well-formed later."""
    kept = []
    at = 0
    while (start := text.find("<!--", at)) >= 0 and (end := text.find("-->", start + 4)) >= 0:
        kept.append(text[at:start])
        at = end + 3
    return "".join(kept) + text[at:] if kept else text
