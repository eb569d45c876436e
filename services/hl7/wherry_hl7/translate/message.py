"""One HL7 v2 message becomes one FHIR R4 transaction, with what was odd and what was not mapped."""

from collections.abc import Callable, Mapping
from datetime import datetime

from wherry.errors import Failure, Kind
from wherry.hl7.message import Message
from wherry.resource import Translation
from wherry_hl7.translate.adt import adt
from wherry_hl7.translate.coverage import unmapped
from wherry_hl7.translate.draft import Draft
from wherry_hl7.translate.oru import oru
from wherry_hl7.translate.provenance import provenance
from wherry_hl7.translate.scope import Scope
from wherry_hl7.translate.sender import Sender

_FAMILIES: Mapping[str, Callable[[Draft, Scope], None]] = {
    **dict.fromkeys(("ADT^A01", "ADT^A02", "ADT^A03", "ADT^A04", "ADT^A08"), adt),
    "ORU^R01": oru,
}


def translate(message: Message, *, sender: Sender, received_at: datetime) -> Translation:
    """The message as a transaction of conditional updates; the same message gives the same one.

    `received_at` is aware: it stands in for the message's own time where that cannot be used.
    Raises: Failure(UNSUPPORTED) at MSH-9 for other types; Failure(UNPROCESSABLE), with the place,
    when the message says too little to be stored.
    """
    family = _FAMILIES.get(message.kind.upper())
    if family is None:
        raise Failure(Kind.UNSUPPORTED, "this message type is not translated", at="MSH-9")
    scope = Scope(message, sender, received_at)
    draft = Draft()
    family(draft, scope)
    if not draft.entries:
        raise Failure(Kind.UNPROCESSABLE, "nothing that could be stored", at="PID")
    record = provenance(draft.entries, message.first("EVN"), scope)
    left_over = unmapped(scope)
    return Translation(
        bundle=draft.bundle([record]),
        warnings=(*scope.warnings, *(w for w in message.warnings if w not in scope.warnings)),
        unmapped=left_over,
        deletes=draft.deletes,
        weak=draft.weak,
    )
