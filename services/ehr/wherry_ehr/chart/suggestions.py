"""A card's suggestions and override reasons, and an answer's systemActions, as they are shown."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import msgspec

from wherry.codec import encode
from wherry.resource import Entry, Resource

# Source: CDS Hooks 2.0, Card Attributes, selectionBehavior
ONE, ANY = "at-most-one", "any"
BEHAVIOURS = (ONE, ANY)

# Source: CDS Hooks 2.0, Action, type; the FHIR interaction that carries it out
_METHODS: Mapping[str, str] = {"create": "POST", "update": "PUT", "delete": "DELETE"}

_REASONS = "http://terminology.hl7.org/CodeSystem/non-adherence-reason-codes"


@dataclass(frozen=True, slots=True)
class Reason:
    """Why a card is not followed."""

    code: str
    system: str
    display: str

    @property
    def coding(self) -> dict[str, str]:
        """As feedback carries it."""
        held = {"code": self.code, "system": self.system, "display": self.display}
        return {name: value for name, value in held.items() if value}


# Source: CDS Hooks 3.0 ballot, example override reasons; for cards that bring none
OWN_REASONS = (
    Reason("action-completed", _REASONS, "Already addressed"),
    Reason("patient-ineligible", _REASONS, "Not applicable to this patient"),
    Reason("wrong-time-workflow", _REASONS, "Will monitor, or later"),
    Reason("inappropriate-recipient", _REASONS, "Not my patient or role"),
    Reason("recipient-does-not-trust", _REASONS, "Disagree"),
)


@dataclass(frozen=True, slots=True)
class Action:
    """One change that is proposed; `trouble` says why it cannot be carried out."""

    type: str
    description: str
    target: str
    resource: Resource | None
    trouble: str = ""

    @property
    def text(self) -> str:
        """The resource, for reading."""
        return "" if self.resource is None else pretty(encode(self.resource))

    @property
    def entry(self) -> Entry:
        """As an entry of a transaction Bundle."""
        request = {"method": _METHODS[self.type], "url": self.target}
        made: dict[str, Any] = {"request": request}
        if self.resource is not None:
            made["resource"] = self.resource
        return made  # type: ignore[return-value]  # an Entry by construction


@dataclass(frozen=True, slots=True)
class Suggestion:
    """Changes to choose together."""

    number: int
    uuid: str
    label: str
    recommended: bool
    actions: tuple[Action, ...]

    @property
    def trouble(self) -> str:
        """Why it cannot be taken, or an empty text."""
        return next((one.trouble for one in self.actions if one.trouble), "")


def suggestions(listed: object) -> tuple[Suggestion, ...]:
    """Those that have a label. Source: CDS Hooks 2.0, Suggestion."""
    return tuple(
        Suggestion(
            number=number,
            uuid=_text(one, "uuid"),
            label=_text(one, "label"),
            recommended=one.get("isRecommended") is True,
            actions=actions(one.get("actions")),
        )
        for number, one in enumerate(_objects(listed))
        if _text(one, "label")
    )


def actions(listed: object) -> tuple[Action, ...]:
    """What is proposed, in order; none is left out. Source: CDS Hooks 2.0, Action."""
    return tuple(_action(one) for one in (listed if isinstance(listed, list) else []))


def system_actions(answer: Mapping[str, Any]) -> tuple[Action, ...]:
    """What a service asks the EHR to do of itself."""
    return actions(answer.get("systemActions"))


def reasons(listed: object) -> tuple[Reason, ...]:
    """Those of a card, or the sandbox's own. Source: CDS Hooks 2.0, overrideReasons."""
    own = tuple(
        Reason(_text(one, "code"), _text(one, "system"), _text(one, "display"))
        for one in _objects(listed)
        if _text(one, "code") and _text(one, "display")
    )
    return own or OWN_REASONS


def _action(one: object) -> Action:
    held = one if isinstance(one, dict) else {}
    type_, found = _text(held, "type"), held.get("resource")
    resource = found if isinstance(found, dict) else None
    target, trouble = _target(type_, resource, _text(held, "resourceId"))
    return Action(
        type=type_,
        description=_text(held, "description") or "no description",
        target=target,
        resource=None if type_ == "delete" else resource,
        trouble=trouble,
    )


def _target(type_: str, resource: Resource | None, resource_id: str) -> tuple[str, str]:
    kind, id_ = (resource or {}).get("resourceType"), (resource or {}).get("id")
    if type_ == "create" and isinstance(kind, str):
        return kind, ""
    if type_ == "update" and isinstance(kind, str) and isinstance(id_, str):
        return f"{kind}/{id_}", ""
    if type_ == "delete" and resource_id.count("/") == 1 and "?" not in resource_id:
        return resource_id, ""
    if type_ not in _METHODS:
        return "", "its type is none of create, update and delete"
    needed = "a relative resourceId" if type_ == "delete" else "a whole resource"
    return "", f"{type_} needs {needed}"


def pretty(text: bytes | str) -> str:
    """JSON in lines, digits kept; what is no JSON stays as it is."""
    try:
        return msgspec.json.format(text if isinstance(text, str) else text.decode(), indent=2)
    except (msgspec.DecodeError, UnicodeDecodeError):
        return text if isinstance(text, str) else text.decode(errors="replace")


def _objects(listed: object) -> Sequence[Mapping[str, Any]]:
    return [one for one in listed if isinstance(one, dict)] if isinstance(listed, list) else []


def _text(held: Mapping[str, Any], name: str) -> str:
    value = held.get(name)
    return value if isinstance(value, str) else ""
