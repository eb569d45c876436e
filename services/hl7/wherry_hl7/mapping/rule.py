"""What a map file may say: rules, segment maps, datatype maps and structures."""

from typing import Any

import msgspec

Texts = str | list[str]


_WORDS = {"from_": "from", "as_": "as", "with_": "with", "in_": "in"}


class Rule(msgspec.Struct, frozen=True, forbid_unknown_fields=True, rename=_WORDS):
    """One line of a map: what is read, how it is read, and where it goes.

    `from` names fields (PV1-3, PV2-3.1) or, in a datatype, components ("1", "4.2"); of several the
    first valued one is read. `as` is a datatype map or a named converter, `table` a code table,
    `fn` a named function that writes by itself, `ref` a resource made before, `const` a value.
    `each` reads every repetition, `segments` every segment of that name in the group. `in` and
    `beside` wrap the value: {in: individual, beside: {type: […]}}. `url` makes it an extension.
    `drop` in a sender's profile takes the rule of the same key out.
    """

    to: str = ""
    from_: Texts = ""
    as_: str = ""
    table: str = ""
    fn: str = ""
    const: Any = msgspec.UNSET
    ref: Texts = ""
    when: str = ""
    each: bool = False
    segments: bool = False
    with_: dict[str, Any] = {}
    in_: str = ""
    beside: dict[str, Any] = {}
    url: str = ""
    on_null: Texts | None = None
    absent: str = ""
    system: str = ""
    id: str = ""
    drop: bool = False
    why: str = ""

    @property
    def sources(self) -> tuple[str, ...]:
        """What it reads."""
        return many(self.from_)

    @property
    def key(self) -> str:
        """What an overlay calls this rule: its id, else where it writes."""
        return self.id or self.to or self.fn


class Identity(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What a resource is known by: a named function, or a key made of parts.

    `system` is a name of the sender's own; `within` the resources whose identity comes first (the
    first of them that there is); `of` fields, all of them; `first` fields, the first valued one.
    Without any of them that is valued there is no identity, unless `lone` says so. `apart` keeps
    those apart that have the same key in one message (#2, #3, …); else they are the same thing.
    """

    fn: str = ""
    system: str = ""
    within: Texts = ""
    of: Texts = ""
    first: Texts = ""
    lone: bool = False
    apart: bool = False


class SegmentMap(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One segment as one resource, or as more of a resource made before (`into`).

    `like` takes over what another map of this segment says, its own rules first. `later` are
    elements that R4 requires and that another map or an `after` function fills in. `append` notes
    the new resource in the first of these resources (and elements) that is in sight. `hidden`: what
    follows in the message does not see it.
    """

    like: str = ""
    resource: str = ""
    into: str = ""
    identity: Identity = Identity()
    rules: tuple[Rule, ...] = ()
    when: str = ""
    weak: Texts = ""
    append: Texts = ""
    hidden: bool = False
    uses: Texts = ""
    later: Texts = ""
    why: str = ""


class DatatypeMap(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One repetition or component as a FHIR datatype, or as a resource of its own (`resource`).

    `needs` are the elements of which one must be there, or nothing comes of it.
    """

    type: str = ""
    resource: str = ""
    identity: Identity = Identity()
    rules: tuple[Rule, ...] = ()
    needs: Texts = ""
    weak: Texts = ""
    why: str = ""


class Structure(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A family of messages: which segment, in which group, makes what.

    `make` is by SEGMENT or GROUP/SEGMENT, the latter first. `needs` are segments without which the
    message is refused, `wants` those that only a sender of unidentified patients may
    leave out; `weak` says by resource type what only fills gaps; `before` and `after` name
    functions that see the whole message. `include` takes over what other families say.
    """

    messages: tuple[str, ...] = ()
    include: tuple[str, ...] = ()
    needs: tuple[str, ...] = ()
    wants: tuple[str, ...] = ()
    make: dict[str, Texts] = {}
    weak: dict[str, Texts] = {}
    before: tuple[str, ...] = ()
    after: tuple[str, ...] = ()
    acknowledge_only: bool = False
    why: str = ""


def many(texts: Texts) -> tuple[str, ...]:
    """One text or several as a tuple; none when it is empty."""
    if isinstance(texts, str):
        return (texts,) if texts else ()
    return tuple(texts)
