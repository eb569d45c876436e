"""A payload that nobody named the source of is recognised by its shape, or not at all."""

from typing import Any

from wherry.errors import Failure, Kind
from wherry_devices.connectors import decoded
from wherry_devices.mapping.template import Compiled
from wherry_devices.template_files import Templates

_HL7 = b"MSH|"


def recognised(body: bytes, templates: Templates) -> Compiled:
    """The one template whose source writes such payloads.

    Raises: Failure(UNSUPPORTED) when none or more than one does, Failure(INVALID) when it is
    neither JSON nor anything else that a source writes.
    """
    if body.lstrip().startswith(_HL7):
        raise Failure(Kind.UNSUPPORTED, "an HL7 v2 message: it belongs to the hl7 service")
    shapes = {name: _shape(name, body) for name in templates}
    if all(shape is None for shape in shapes.values()):
        raise Failure(Kind.INVALID, "not valid JSON")
    found = [
        compiled
        for name, compiled in templates.items()
        if shapes[name] is not None
        and compiled.get(compiled.template.recognised_by, shapes[name], shapes[name])
    ]
    if len(found) != 1:
        names = ", ".join(one.template.id for one in found)
        why = f"more than one source writes such payloads: {names}" if found else _NOBODY
        raise Failure(Kind.UNSUPPORTED, why)
    return found[0]


_NOBODY = "no source writes such payloads"


def _shape(name: str, body: bytes) -> Any:
    try:
        return decoded(name, body)
    except Failure:
        return None
