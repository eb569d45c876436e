"""Changes to a patient's record go through the FHIR API's own transaction, within that patient."""

from collections.abc import Mapping, Sequence

from wherry.codec import decode, encode
from wherry.errors import Failure, Kind
from wherry.resource import Entry
from wherry_ehr.ask import Ask
from wherry_ehr.chart.hooks import words
from wherry_ehr.deps import Deps
from wherry_ehr.interactions.compartment import ToPatient
from wherry_ehr.interactions.entries import bundle_in
from wherry_ehr.interactions.transaction import transaction


def change(entries: Sequence[Entry], *, patient: str, base: str, deps: Deps) -> list[str]:
    """Carry out all or nothing; returns where each result is, empty for what was deleted.

    Raises: Failure, as the FHIR API answers it; nothing was changed then.
    """
    text = encode({"resourceType": "Bundle", "type": "transaction", "entry": list(entries)})
    ask = Ask(text=text, base=base, limits=ToPatient(patient))
    answer = transaction(bundle_in(text), ask, deps)
    said: Mapping[str, object] = decode(answer.body)
    if answer.status != 200:
        raise Failure(Kind.UNPROCESSABLE, f"nothing was changed: {words(said, answer.status)}")
    listed = said.get("entry", [])
    return [
        str(one.get("response", {}).get("location", ""))
        for one in (listed if isinstance(listed, list) else [])
    ]
