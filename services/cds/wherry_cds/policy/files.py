"""Policy files, ours and the site's, as policies."""

from functools import cache
from pathlib import Path

import msgspec
import yaml

from wherry.errors import Failure, Kind
from wherry_cds.policy.policy import Policies
from wherry_cds.policy.reading import problems, read
from wherry_cds.protocol.catalogue import SERVICES
from wherry_cds.rules.drafts import DRAFTS

BUILT_IN = Path(__file__).with_name("built-in.yaml")
SCHEMA = Path(__file__).with_name("policy.schema.json")


def load(path: str) -> Policies:
    """The policies of this file, and beside them the built-in ones of the sandbox's tenants.

    Raises: Failure(INVALID), saying where and what.
    """
    ours = built_in()
    if not path:
        return ours
    site = of_file(Path(path))
    return msgspec.structs.replace(site, tenants={**ours.tenants, **site.tenants})


@cache
def built_in() -> Policies:
    """What holds without a file."""
    return of_file(BUILT_IN)


def of_file(path: Path) -> Policies:
    """The policies of one file, linted. Raises: Failure(INVALID)."""
    try:
        value = yaml.safe_load(path.read_text())
    except (OSError, UnicodeDecodeError):
        raise Failure(Kind.INVALID, "the policy file cannot be read", at=str(path)) from None
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        line = f"line {mark.line + 1}" if mark else "it cannot be parsed"
        raise Failure(Kind.INVALID, f"the policy file is no YAML: {line}", at=str(path)) from None
    policies = read(value)
    if found := lint(policies):
        raise Failure(Kind.INVALID, "; ".join(found), at="policy")
    return policies


def lint(policies: Policies) -> list[str]:
    """What reads well and does not do what it seems to."""
    return problems(policies, services={one.id for one in SERVICES}, drafts=DRAFTS)


def schema() -> str:
    """The JSON Schema of a policy file, as it is committed beside this module."""
    made = msgspec.json.schema(Policies)
    text = msgspec.json.format(msgspec.json.encode(made, order="sorted"), indent=2)
    return f"{text.decode()}\n"
