"""What is known of a place from one message never leaves out what it refers to in the next."""

from collections.abc import Callable

from wherry.resource import Translation
from wherry.testing.hl7 import segment

Translated = Callable[..., Translation]

PID = segment("PID", {1: "1", 3: "1^^^NORTH^MR"})
BED = "ICU^201^B^RECALLED HOSPITAL"


def test_a_place_that_comes_again_still_brings_its_organization(translated: Translated) -> None:
    both = segment("PV1", {2: "I", 3: BED, 19: "V1", 39: "RECALLED HOSPITAL"})
    translated(PID, both, kind="ADT^A01")
    translated(PID, both, kind="ADT^A01")

    made = translated(PID, segment("PV1", {2: "I", 3: BED, 19: "V2"}), kind="ADT^A01")

    urls = {entry["fullUrl"] for entry in made.bundle["entry"]}
    (place,) = [
        entry["resource"]
        for entry in made.bundle["entry"]
        if entry["resource"]["resourceType"] == "Location"
    ]
    assert place["managingOrganization"]["reference"] in urls


def test_what_was_said_of_a_person_is_said_each_time(translated: Translated) -> None:
    odd = segment("PV1", {2: "I", 7: "1^Doe^Jo^^^^^^^^^^^^^^^^^20269999", 19: "V1"})

    first = translated(PID, odd, kind="ADT^A01")
    again = translated(PID, odd, kind="ADT^A01")

    assert first.warnings == again.warnings
    assert first.bundle == again.bundle
