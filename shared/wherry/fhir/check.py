"""A FHIR resource as JSON in, what is wrong with it by R4 4.0.1 out."""

from wherry.fhir.r4.quick import is_certainly_valid
from wherry.fhir.r4.walk import walk
from wherry.fhir.r4.written import Seen
from wherry.resource import Issue


def problems(resource: object, seen: Seen | None = None) -> list[Issue]:
    """What keeps this JSON value from being a valid R4 resource; empty when it is valid.

    Checks structure, cardinality, primitive formats, the calendar, required bindings, reference
    targets, narrative and the invariants listed in `r4.presence` and `r4.rules`, in Bundles and
    contained resources too. `at` is a path such as Patient.name[0].given[1]; the texts say what was
    expected and never what was found. At most 50 problems; raises nothing for any JSON value.

    `seen` is a dict for resources that are checked one after the other and share parts, such as the
    subject: a part is looked at once. It holds only while all of them live unchanged.
    """
    return [] if is_certainly_valid(resource, seen) else walk(resource)
