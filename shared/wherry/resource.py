"""The shapes of FHIR R4 JSON that Wherry builds; all are plain dicts at run time."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any, NotRequired, TypedDict

Resource = dict[str, Any]
"""Any FHIR resource as decoded JSON: numbers with a fraction are `Decimal`."""


SearchParams = Mapping[str, str | Sequence[str]]
"""The parameters of a search; of one with several values, as both ends of a time, all must hold."""


class Coding(TypedDict, total=False):
    """FHIR R4 Coding."""

    system: str
    version: str
    code: str
    display: str
    userSelected: bool


class CodeableConcept(TypedDict, total=False):
    """FHIR R4 CodeableConcept."""

    coding: list[Coding]
    text: str


class Period(TypedDict, total=False):
    """FHIR R4 Period."""

    start: str
    end: str


class Identifier(TypedDict, total=False):
    """FHIR R4 Identifier."""

    use: str
    type: CodeableConcept
    system: str
    value: str
    period: Period
    assigner: "Reference"


class Reference(TypedDict, total=False):
    """FHIR R4 Reference."""

    reference: str
    type: str
    identifier: Identifier
    display: str


class Quantity(TypedDict, total=False):
    """FHIR R4 Quantity; `system` and `code` only when the unit is UCUM."""

    value: Decimal | int
    comparator: str
    unit: str
    system: str
    code: str


class EntryRequest(TypedDict):
    """Bundle.entry.request."""

    method: str
    url: str
    ifMatch: NotRequired[str]
    ifNoneExist: NotRequired[str]


class Entry(TypedDict, total=False):
    """Bundle.entry of a batch or transaction."""

    fullUrl: str
    resource: Resource
    request: EntryRequest
    response: dict[str, Any]


class Bundle(TypedDict):
    """A Bundle of type transaction, batch or their response."""

    resourceType: str
    type: str
    entry: list[Entry]


@dataclass(frozen=True, slots=True)
class Issue:
    """Something a reader of the source should know; `at` is a field such as OBX-5, not a value."""

    at: str
    text: str


@dataclass(frozen=True, slots=True)
class Merged:
    """Two identifiers of a type name one thing: what `old` named is from now on known by `new`.

    `renamed`: it was one thing all along and got another identifier, not two that became one.
    `moved`: only the identifier goes to the other thing, with all that is filed under it; what had
    it stays when it has other identifiers still.
    """

    type: str
    old: Identifier
    new: Identifier
    renamed: bool = False
    moved: bool = False


@dataclass(frozen=True, slots=True)
class Link:
    """One Observation was derived from another one, which comes before it, after it or never.

    Once both are there, `of` says so, and that it meets `profile` then.
    """

    of: Identifier
    to: Identifier
    profile: str = ""


@dataclass(frozen=True, slots=True)
class Translation:
    """One message or payload as a FHIR transaction, with what was odd and what was not mapped.

    `deletes` and `weak` say, by full URL, what a plain resource cannot: which elements the source
    takes back (HL7's `""`), and which only fill a gap in what is stored ("*" is all of them). Their
    grammar is in wherry.fhir.merge; a server that lays the resource over its own needs neither.
    `known_as` says, by full URL, by which other searches (`Type?identifier=…`, the best first) may
    be found what its entry's own search does not find: an order by its filler's number. What has
    its own search among them has no other name: it is refused when several have that one.
    `patients` are the ids of stored patients whom the bundle is about without writing them. `aside`
    is why a person must look at the source although the bundle can land: part of it is not in it.
    `unknown_codes` counts, by code table, the codes that it does not have.
    `merges` are things that the source declares to be one; `moved` are full URLs of visits (or
    accounts) that belong to another patient now, and all that was said in them with them. `links`
    are between Observations of which this message may have only one.
    """

    bundle: Bundle
    warnings: tuple[Issue, ...] = ()
    unmapped: tuple[Issue, ...] = ()
    deletes: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    weak: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    known_as: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    patients: tuple[str, ...] = ()
    unknown_codes: Mapping[str, int] = field(default_factory=dict)
    aside: str = ""
    merges: tuple[Merged, ...] = ()
    moved: tuple[str, ...] = ()
    links: tuple[Link, ...] = ()
