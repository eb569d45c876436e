"""What a draft holds is made sound: no invalid element, no reference to what is not there."""

import re
from copy import deepcopy
from typing import Any

from wherry.fhir.check import problems
from wherry.fhir.r4.written import Seen
from wherry.resource import Entry
from wherry_hl7.translate.draft import Draft
from wherry_hl7.translate.scope import Scope

_STEP = re.compile(r"(?P<name>[A-Za-z_]\w*)|\[(?P<number>\d+)\]")
_MOST_REPAIRS = 20


def sound(draft: Draft, scope: Scope) -> None:
    """Take out of the draft what R4 does not allow, each with a warning.

    The element goes; when the resource cannot be without it, the resource goes, and the references
    to it. Nothing here is expected to happen: a map that needs it has a fault.
    """
    seen: Seen = {}
    gone = {entry["fullUrl"] for entry in list(draft.entries) if not _mended(entry, scope, seen)}
    if not gone:
        return
    draft.entries[:] = [entry for entry in draft.entries if entry["fullUrl"] not in gone]
    for url in gone:
        draft.deletes.pop(url, None)
        draft.weak.pop(url, None)
        draft.known_as.pop(url, None)
    for entry in draft.entries:
        entry["resource"] = _without(entry["resource"], gone)
    sound(draft, scope)


def _mended(entry: Entry, scope: Scope, seen: Seen) -> bool:
    if not (found := problems(entry["resource"], seen)):
        return True
    resource = entry["resource"] = deepcopy(entry["resource"])  # what it shares stays as it is
    seen.clear()
    for _ in range(_MOST_REPAIRS):
        path = found[0].at
        steps = [m["name"] or int(m["number"]) for m in _STEP.finditer(path)][1:]
        scope.warn(resource["resourceType"], f"{path.partition('[')[0]}: not valid R4; left out")
        if not steps or not _removed(resource, steps):
            return False
        if not (found := problems(resource)):
            return True
    return False


def _removed(resource: dict[str, Any], steps: list[Any]) -> bool:
    """Remove the element at the steps, and what is empty without it."""
    above: list[tuple[Any, Any]] = []
    holder: Any = resource
    for step in steps:
        there = (
            step in holder
            if isinstance(holder, dict)
            else (isinstance(holder, list) and isinstance(step, int) and step < len(holder))
        )
        if not there:
            break
        above.append((holder, step))
        holder = holder[step]
    for holder, step in reversed(above):
        del holder[step]
        if holder:
            return True
    return False


def _without(value: Any, gone: set[str]) -> Any:
    """The value without references to what is gone, and without what is empty then."""
    if isinstance(value, dict):
        if value.get("reference") in gone:
            return {k: v for k, v in value.items() if k == "display"} or None
        kept = {
            name: left for name, one in value.items() if (left := _without(one, gone)) is not None
        }
        return kept or None
    if isinstance(value, list):
        return [left for one in value if (left := _without(one, gone)) is not None] or None
    return value
