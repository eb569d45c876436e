"""OBX of a document become its content: one text, and what is attached or pointed to."""

from collections.abc import Callable
from typing import Any

from wherry.fhir.systems import NOTE
from wherry.hl7.segment import Rep, Segment
from wherry.resource import Resource
from wherry_hl7.grammar.tree import notes_of
from wherry_hl7.mapping.named import function
from wherry_hl7.translate.at import At
from wherry_hl7.translate.converters import attachments
from wherry_hl7.translate.converters.codes import concept
from wherry_hl7.translate.functions.notes import annotations
from wherry_hl7.translate.scope import Scope

_TAKEN = frozenset({1, 2, 5})
_TITLED = _TAKEN | {3}
_LINES = frozenset({"TX", "FT"})
_PLAIN = frozenset({"ST", ""})
_WITHDRAWN = frozenset({"D", "W", "X"})
_OF_A_RESULT = (6, 7, 8)  # a unit, a range, a flag: a result and no line of the document

_READ: dict[str, Callable[[Rep, Scope], dict[str, Any]]] = {
    "ED": attachments.encapsulated,
    "RP": attachments.pointer,
}


@function("document_content")
def document_content(txa: Segment, out: Resource, at: At) -> None:
    """All lines of text as one attachment, in their order; each attached file as one more.

    What is coded, measured or withdrawn is no text: it is left to become an Observation. A message
    without content only fills a gap with what it says about the content.
    """
    texts = [obx for obx in _in_order(at) if _is_line(obx)]
    lines = [line for obx in texts for line in ([rep.whole for rep in obx[5].reps] or [""])]
    about = _about(txa, out, at)
    content = [{**about, **_titled(one, about)} for one in _attached(at)]
    if any(line.strip() for line in lines):
        _take(texts, at)
        title = about.get("title") or _one_name(texts, at)
        said = {**about, **attachments.text(lines), **({"title": title} if title else {})}
        content.insert(0, said)
    if not content:
        content = [attachments.without_content(_presented(txa, about, at.scope))]
        at.weak.append("content")
    out["content"] = [{"attachment": one} for one in content]


def _attached(at: At) -> list[dict[str, Any]]:
    """What is attached or pointed to, in its order."""
    files: list[dict[str, Any]] = []
    for obx in _in_order(at):
        if not _is_line(obx) and (found := _files(obx, at)):
            at.scope.use(obx, _TITLED)
            files += found
    return files


def _in_order(at: At) -> list[Segment]:
    return [one for one in at.group.segments() if one.name == "OBX"]


def _is_line(obx: Segment) -> bool:
    type_ = obx.field(2).strip().upper()
    if obx.text(11).strip().upper() in _WITHDRAWN:
        return False
    return type_ in _LINES or (type_ in _PLAIN and not any(map(obx.field, _OF_A_RESULT)))


def _files(obx: Segment, at: At) -> list[dict[str, Any]]:
    """What its repetitions attach; nothing when one cannot be read, so that none gets lost."""
    read = _READ.get(obx.field(2).strip().upper())
    if read is None or obx.text(11).strip().upper() in _WITHDRAWN:
        return []
    found = [read(rep, at.scope) for rep in obx[5].reps if rep.raw]
    name = _name(obx, at)
    return [{**one, "title": name} if name else one for one in found] if all(found) else []


def _about(txa: Segment, out: Resource, at: At) -> dict[str, Any]:
    """What holds for every form of the document: its file name, when it was written."""
    made: dict[str, Any] = {}
    if name := txa.text(16).strip() or out.get("description", ""):
        made["title"] = name
    if raw := txa.text(7) or txa.text(6):
        at.scope.set_date_time(made, "creation", raw, "TXA-7" if txa.text(7) else "TXA-6")
    return made


def _titled(one: dict[str, Any], about: dict[str, Any]) -> dict[str, Any]:
    return one if "title" in one or "title" not in about else {**one, "title": about["title"]}


def _presented(txa: Segment, about: dict[str, Any], scope: Scope) -> dict[str, Any]:
    kind = attachments.content_type(txa.text(3), txa.text(3, 2), scope)
    return {"contentType": kind, **about} if kind else about


def _name(obx: Segment, at: At) -> str:
    said = concept(obx[3].first, at.scope)
    return said.get("text") or next((one["code"] for one in said.get("coding", ())), "")


def _one_name(texts: list[Segment], at: At) -> str:
    """What all lines are called, when that is one thing."""
    names = {_name(obx, at) for obx in texts}
    return names.pop() if len(names) == 1 else ""


def _take(texts: list[Segment], at: At) -> None:
    one = len({obx.field(3) for obx in texts}) == 1
    for obx in texts:
        at.scope.use(obx, _TITLED if one else _TAKEN)


@function("document_notes")
def document_notes(txa: Segment, out: Resource, at: At) -> None:
    """The comments on its lines."""
    del txa
    for group in at.group.below("OBSERVATION"):
        for obx in group.all("OBX"):
            if id(obx) in at.scope.used and (said := annotations(notes_of(group, obx), at)):
                more = [{"url": NOTE, "valueAnnotation": one} for one in said]
                out["extension"] = [*out.get("extension", ()), *more]
