"""Which letters of a scope each interaction needs, as a table: what is not in it is refused."""

from collections.abc import Mapping

# Source: SMART 2.2, R120 to R125: instance history is `r`, type history and all that searches `s`;
# what is conditional tells by its answer whether something is there, so it needs `s` as well
NEEDS: Mapping[str, str] = {
    "read": "r",
    "vread": "r",
    "history-instance": "r",
    "search": "s",
    "search-post": "s",
    "history-type": "s",
    "create": "c",
    "conditional-create": "cs",
    "update": "u",
    "conditional-update": "us",
    "patch": "u",
    "conditional-patch": "us",
    "delete": "d",
    "conditional-delete": "ds",
}

# These say something of the resource that they are about before they change it
ABOUT_ONE = frozenset({"update", "patch", "delete"})

# By the method of a Bundle's entry: with an id, and without one
_BUNDLED = {
    "GET": ("read", "search"),
    "PUT": ("update", "conditional-update"),
    "PATCH": ("patch", "conditional-patch"),
    "DELETE": ("delete", "conditional-delete"),
    "POST": ("", "create"),
}


def bundled(method: str, *, has_id: bool, has_condition: bool) -> str:
    """The interaction that an entry stands for; empty for one that is not known."""
    by_id, by_type = _BUNDLED.get(method, ("", ""))
    name = by_id if has_id else by_type
    return "conditional-create" if name == "create" and has_condition else name
