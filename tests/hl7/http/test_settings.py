"""Secrets that are written wrongly stop the start and are not repeated. Made up."""

import pytest
from pydantic import ValidationError

from wherry_hl7.settings import Settings


@pytest.mark.parametrize(
    ("name", "value", "said"),
    [
        ("WHERRY_INBOX_KEY", "Q0FOQVJZ", "key 1 has 6 bytes"),
        ("WHERRY_INBOX_KEY", "CANARY!", "key 1 is not base64"),
        ("WHERRY_HL7_HTTP_USERS", "one:CANARY CANARY", "entry 2 is not written as name:secret"),
        ("WHERRY_HL7_OPERATOR_TOKENS", "a:CANARY a:CANARY", "entry 2 has a name"),
    ],
)
def test_a_wrong_secret_is_refused_and_not_told(
    monkeypatch: pytest.MonkeyPatch, name: str, value: str, said: str
) -> None:
    monkeypatch.setenv(name, value)

    with pytest.raises(ValidationError, match=said) as raised:
        Settings()

    assert "CANARY" not in str(raised.value)
    assert "Q0FO" not in str(raised.value)
