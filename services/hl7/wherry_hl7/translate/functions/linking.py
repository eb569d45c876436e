"""Two patients in one message (A24, A37) are linked or unlinked; neither replaces the other."""

from typing import Any

from wherry.fhir.merged import SEE_ALSO
from wherry.resource import Entry
from wherry_hl7.mapping.named import function

_UNLINK = "A37"


@function("link_patients")
def link_patients(run: Any) -> None:
    """A24 says that both may be one person, A37 takes that back. Source: HL7 v2.5.1 §3.3.24."""
    found = [e for e in run.draft.entries if e["resource"]["resourceType"] == "Patient"]
    if len(found) < 2:
        run.scope.warn("PID", "two patients are wanted for a link; there is one")
        return
    for entry in found[1:]:
        for one, other in ((found[0], entry), (entry, found[0])):
            if run.scope.event == _UNLINK:
                _unlink(run, one, other)
            else:
                _link(one, other)


def _link(one: Entry, other: Entry) -> None:
    link = {"other": {"reference": other["fullUrl"]}, "type": SEE_ALSO}
    one["resource"]["link"] = [*one["resource"].get("link", ()), link]


def _unlink(run: Any, one: Entry, other: Entry) -> None:
    url = one["fullUrl"]
    gone = f"link:{other['fullUrl']}"
    run.draft.deletes[url] = (*run.draft.deletes.get(url, ()), gone)
