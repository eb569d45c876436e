"""Policy files: ours, the site's, and the schema that editors check them with."""

from pathlib import Path

import pytest

from wherry.errors import Failure
from wherry_cds.policy.files import SCHEMA, built_in, load, schema
from wherry_cds.policy.policy import Policies, fingerprint


def test_the_schema_that_is_kept_is_that_of_the_code() -> None:
    assert SCHEMA.read_text() == schema()


@pytest.mark.parametrize("tenant", ["local", "sandbox", "demo"])
def test_the_sandbox_shows_every_look(tenant: str) -> None:
    policy = built_in().of(tenant).of("early-warning")

    assert policy.least == "none"
    assert {getattr(policy.repeat_after_h, name) for name in ("info", "warning", "critical")} == {0}


def test_orders_are_left_alone_until_a_policy_names_them() -> None:
    for tenant in ("sandbox", "somebody"):
        assert not built_in().of(tenant).of("order-risk").enabled


def test_a_sites_file_is_read_beside_the_sandbox(tmp_path: Path) -> None:
    file = tmp_path / "policy.yaml"
    file.write_text(
        "version: 1\ntenants:\n  north:\n    services: {early-warning: {most_a_day: 2}}\n"
    )

    found = load(str(file))

    assert found.of("north").of("early-warning").most_a_day == 2
    assert found.of("sandbox") == built_in().of("sandbox")
    assert found.of("else") == Policies(version=1).default


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("version: 1\ndefualt: {}\n", "defualt"),
        ("version: 1\ndefault: {services: {earley: {}}}\n", "there is no service earley"),
        ("version: 1\ndefault: {default: {suggestions: [tea]}}\n", "there is no tea"),
        ("version: 1\ndefault: {default: {model: sepsis-6h}}\n", "is not validated elsewhere"),
        ("version: 1\ndefault: {default: {repeat_after_h: {info: -1}}}\n", "info"),
        ("version: [\n", "no YAML: line 2"),
    ],
)
def test_a_mistake_in_a_policy_is_told(tmp_path: Path, text: str, said: str) -> None:
    file = tmp_path / "policy.yaml"
    file.write_text(text)

    with pytest.raises(Failure, match=said):
        load(str(file))


def test_the_fingerprint_changes_with_the_policy() -> None:
    sandbox, other = built_in().of("sandbox"), built_in().of("somebody")

    assert fingerprint(sandbox.of("early-warning")) != fingerprint(other.of("early-warning"))
    assert fingerprint(other.of("early-warning")) == fingerprint(other.of("deterioration"))
