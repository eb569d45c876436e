"""The condition language of maps: all of its words, and what it refuses. Synthetic segments."""

from typing import Any

import pytest

from wherry.errors import Failure
from wherry.hl7.message import Message
from wherry_hl7.mapping.compiler import Level
from wherry_hl7.mapping.conditions import condition

MESSAGE = Message.parse(
    "MSH|^~\\&|APP|HOSP|||20260105||ORU^R01|1|P|2.5.1\r"
    'OBX|1|NM|8867-4^Heart rate^LN|""|72||||| |f\rPID|1||7'
)


class _Scope:
    event, code, structure = "R01", "ORU", "ORU_R01"


class _At:
    """Stands for the engine's place in a message."""

    scope = _Scope()

    def near(self, name: str) -> Any:
        return MESSAGE.first(name)

    def find(self, type_: str) -> Any:
        return object() if type_ == "Patient" else None

    def within(self, name: str) -> bool:
        return name == "OBSERVATION"


def holds(text: str) -> bool:
    level = Level("OBX")
    made = condition(text, lambda where: level.text(level.path(where.text)))
    return made(MESSAGE.first("OBX"), _At())


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("OBX-2 == 'NM'", True),
        ("OBX-2 == 'nm'", True),
        ("OBX-2 != 'NM'", False),
        ("OBX-2 in ['ST', 'NM']", True),
        ("OBX-2 not in ['ST', 'NM']", False),
        ("OBX-3.2 == 'heart rate'", True),
        ("OBX-5 valued", True),
        ("OBX-6 valued", False),
        ("OBX-4 valued", False),
        ("OBX-4 null", True),
        ("OBX-6 null", False),
        ("OBX-10 valued", False),
        ("not OBX-6 valued", True),
        ("OBX-6 valued or OBX-2 == 'NM' and OBX-11 == 'F'", True),
        ("(OBX-6 valued or OBX-2 == 'NM') and OBX-11 == 'P'", False),
        ("event == 'R01' and code in ['ORU'] and structure != 'ADT_A01'", True),
        ("PID-3 == '7'", True),
        ("PV1-3 valued", False),
        ("PID present and not PV1 present", True),
        ("has Patient and not has Encounter", True),
        ("within OBSERVATION", True),
        ("within SPECIMEN", False),
    ],
)
def test_a_condition_holds_or_does_not(text: str, *, expected: bool) -> None:
    assert holds(text) is expected


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("OBX-2 = 'NM'", "cannot be read from: = 'NM'"),
        ("OBX-2 == NM", "texts are in quotes: 'NM'"),
        ("OBX-2 is 'NM'", "expected valued, null, ==, !=, in or not in; found is"),
        ("OBX-2 == 'NM' OBX-3 valued", "not expected here: OBX-3"),
        ("OBX-2 in ['NM'", "expected ]"),
        ("(OBX-2 valued", "expected )"),
        ("OBX-2", "it ends too early"),
        ("__import__('os')", "not a field or component: __import__"),
        ("OBX-99 valued", "OBX has fields 1 to "),
        ("3.1 valued", "3.1 cannot be read here"),
    ],
)
def test_what_is_not_in_the_language_is_refused_and_said(text: str, said: str) -> None:
    with pytest.raises(Failure) as caught:
        holds(text)

    assert said in caught.value.detail
