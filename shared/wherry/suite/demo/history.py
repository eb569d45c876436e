"""A person of the demo gets problems, allergies, orders and a document, all of them invented."""

from base64 import b64encode
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from wherry.resource import Bundle, Resource
from wherry.suite.demo.roster import PEOPLE, Course, Person

SYSTEM = "urn:wherry:demo"
RXNORM = "http://www.nlm.nih.gov/research/umls/rxnorm"
_LOINC = "http://loinc.org"

LEAVING = PEOPLE[12]
"""The person who got better and whose discharge is planned: for encounter-discharge."""


@dataclass(frozen=True, slots=True)
class Coded:
    """A code of SNOMED CT and its words."""

    code: str
    words: str


# Concepts of SNOMED CT; a demo needs plausible ones, they were not compared with a release of it
_PROBLEMS: Mapping[Course, tuple[Coded, ...]] = {
    Course.STABLE: (Coded("38341003", "Hypertension"),),
    Course.DETERIORATING: (
        Coded("44054006", "Diabetes mellitus type 2"),
        Coded("709044004", "Chronic kidney disease"),
    ),
    Course.RECOVERING: (Coded("233604007", "Pneumonia"), Coded("38341003", "Hypertension")),
    Course.FEVERISH: (Coded("68566005", "Urinary tract infection"),),
    Course.BREATHLESS: (Coded("13645005", "Chronic obstructive lung disease"),),
    Course.FAST: (Coded("49436004", "Atrial fibrillation"),),
}
_ALLERGY = Coded("91936005", "Allergy to penicillin")

# RxNorm ingredient, name, dose
_ORDERS: Mapping[Course, tuple[tuple[str, str, str], ...]] = {
    Course.STABLE: (("29046", "Lisinopril", "10 mg by mouth once a day"),),
    Course.DETERIORATING: (
        ("6809", "Metformin", "500 mg by mouth twice a day"),
        ("29046", "Lisinopril", "5 mg by mouth once a day"),
    ),
    Course.RECOVERING: (("723", "Amoxicillin", "500 mg by mouth three times a day"),),
    Course.FEVERISH: (("161", "Acetaminophen", "500 mg by mouth every 6 hours as needed"),),
    Course.BREATHLESS: (("435", "Albuterol", "2 puffs inhaled every 4 hours as needed"),),
    Course.FAST: (("6918", "Metoprolol", "25 mg by mouth twice a day"),),
}


def problems(person: Person) -> tuple[Coded, ...]:
    """What a person was admitted with."""
    return _PROBLEMS[person.course]


def allergies(person: Person) -> tuple[Coded, ...]:
    """Every third person has one; nobody who is given what it is to."""
    given = person.course is Course.RECOVERING
    return () if person.number % 3 or given else (_ALLERGY,)


def resources(
    person: Person, patient_id: str, encounter_id: str, reference: datetime
) -> list[Resource]:
    """What no message of the feed carries, each known by an identifier that stays the same."""
    at = (reference - timedelta(hours=5)).isoformat()
    about = {"subject": {"reference": f"Patient/{patient_id}"}}
    encounter = {"reference": f"Encounter/{encounter_id}"}
    meta = {"meta": {"source": f"{SYSTEM}:{person.mrn}"}}
    made: list[Resource] = [
        {
            "resourceType": "MedicationRequest",
            **meta,
            "identifier": [{"system": SYSTEM, "value": f"{person.mrn}-RX{number}"}],
            "status": "active",
            "intent": "order",
            "medicationCodeableConcept": {
                "coding": [{"system": RXNORM, "code": code, "display": name}],
                "text": name,
            },
            **about,
            "encounter": encounter,
            "authoredOn": at,
            "requester": {"display": "Demo physician"},
            "dosageInstruction": [{"text": dose}],
        }
        for number, (code, name, dose) in enumerate(_ORDERS[person.course], 1)
    ]
    title, code, text = _letter(person)
    made.append(
        {
            "resourceType": "DocumentReference",
            **meta,
            "identifier": [{"system": SYSTEM, "value": f"{person.mrn}-DOC1"}],
            "status": "current",
            "type": {"coding": [{"system": _LOINC, "code": code, "display": title}], "text": title},
            **about,
            "date": at,
            "description": text,
            "content": [{"attachment": {"contentType": "text/plain", "data": _base64(text)}}],
            "context": {"encounter": [encounter]},
        }
    )
    return made


def identifiers(made: Sequence[Resource]) -> list[tuple[str, str]]:
    """By what each is found again: type and identifier."""
    return [(str(each["resourceType"]), _known_by(each)) for each in made]


def bundle(made: Sequence[Resource]) -> Bundle:
    """One transaction; played again it changes nothing but what has changed."""
    return {
        "resourceType": "Bundle",
        "type": "transaction",
        "entry": [
            {
                "resource": each,
                "request": {
                    "method": "PUT",
                    "url": f"{each['resourceType']}?identifier={SYSTEM}|{_known_by(each)}",
                },
            }
            for each in made
        ],
    }


def _known_by(resource: Resource) -> str:
    return str(resource["identifier"][0]["value"])


def _base64(text: str) -> str:
    return b64encode(text.encode()).decode()


def _letter(person: Person) -> tuple[str, str, str]:
    """Source of codes: LOINC, Document Ontology."""
    if person is LEAVING:
        return "Discharge summary", "18842-5", "Draft: fit to go home tomorrow. Invented text."
    return "Admission note", "34117-2", f"Admitted, course {person.course}. Invented text."
