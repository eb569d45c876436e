"""One HL7 v2 message becomes one FHIR R4 transaction, with what was odd and what was not mapped."""

from datetime import datetime

from wherry.errors import Failure, Kind
from wherry.hl7.message import Message
from wherry.resource import Translation
from wherry_hl7.grammar.grouping import group
from wherry_hl7.grammar.structures import structure_of
from wherry_hl7.kinds import kind_of
from wherry_hl7.mapping.shipped import shipped
from wherry_hl7.translate.at import At
from wherry_hl7.translate.conforming import conform
from wherry_hl7.translate.conserved import count
from wherry_hl7.translate.coverage import unmapped
from wherry_hl7.translate.draft import Draft
from wherry_hl7.translate.engine import Run, refuse_without
from wherry_hl7.translate.provenance import provenance
from wherry_hl7.translate.scope import Scope
from wherry_hl7.translate.sender import Sender
from wherry_hl7.translate.sound import sound


def translate(message: Message, *, sender: Sender, received_at: datetime) -> Translation:
    """The message as a transaction of conditional updates; the same message gives the same one.

    `received_at` is aware: it stands in for the message's own time where that cannot be used.
    Raises: Failure(UNSUPPORTED) at MSH-9 for other types; Failure(UNPROCESSABLE), with the place,
    when the message says too little to be stored.
    """
    return translated(message, sender=sender, received_at=received_at)[0]


def translated(
    message: Message, *, sender: Sender, received_at: datetime
) -> tuple[Translation, Scope]:
    """What `translate` gives, with what was noted on the way. Raises: as `translate`."""
    plans = sender.plans or shipped()
    kind = kind_of(message)
    plan = plans.of(kind)
    if plan is None:
        raise Failure(Kind.UNSUPPORTED, "this message type is not translated", at="MSH-9")
    structure = structure_of(kind, message.msh.text(9, 3))
    scope = Scope(message, sender, received_at, structure, plans=plans)
    refuse_without(plan, scope)
    conform(scope)
    draft = Draft()
    root = group(message.segments, structure).root
    Run(root, plan, draft, scope).walk()
    record = provenance(message.first("EVN"), At(root, {}, draft, scope))
    sound(draft, scope)
    count(plan, draft, scope)
    if not draft.entries:
        raise Failure(Kind.UNPROCESSABLE, "nothing that could be stored", at="PID")
    record["target"] = [{"reference": entry["fullUrl"]} for entry in draft.entries]
    left_over = unmapped(scope)
    made = Translation(
        bundle=draft.bundle([record]),
        warnings=(*scope.warnings, *(w for w in message.warnings if w not in scope.warnings)),
        unmapped=left_over,
        deletes=draft.deletes,
        weak=draft.weak,
        merges=tuple(draft.merges.values()),
        moved=tuple(draft.moved),
        known_as=draft.known_as,
        unknown_codes=scope.unknown,
    )
    return made, scope
