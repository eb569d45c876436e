"""docker-compose.yml becomes what Docker Compose makes of it; as a program: says whether it can.

The Docker Compose of the set-up reads the file itself: merge keys, variables and all profiles. No
engine is asked, so none is needed.
"""

import json
import re
import subprocess
import sys
import sysconfig
from base64 import b64encode
from collections.abc import Mapping
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parents[1]
FILE = ROOT / "docker-compose.yml"
EXAMPLE = ROOT / ".env.example"
PROGRAM = Path(sysconfig.get_path("scripts")) / "docker-compose"


def main() -> None:
    done = compose(secrets(), "config", "--quiet")
    if done.returncode or done.stderr:  # what is only warned of is wrong here too
        sys.exit(f"Docker Compose does not take docker-compose.yml:\n{done.stderr}")


def resolved(environment: Mapping[str, str] | None = None) -> dict[str, Any]:
    """The whole project as Docker Compose sees it, with made-up secrets.

    Raises: ValueError with what Docker Compose said.
    """
    done = compose({**secrets(), **(environment or {})}, "config", "--format", "json")
    if done.returncode:
        raise ValueError(done.stderr)
    project: dict[str, Any] = json.loads(done.stdout)
    return project


def secrets() -> dict[str, str]:
    """A made-up value for every variable that .env.example leaves to be filled in."""
    names = re.findall(r"^(\w+)=$", EXAMPLE.read_text(), re.MULTILINE)
    return {name: _made_up(name) for name in names}


def _made_up(name: str) -> str:
    if name.endswith("_KEY"):  # a key is 32 bytes in base64
        return b64encode(b"made up, and thirty-two bytes ok").decode()
    return f"made-up-{name.lower().replace('_', '-')}"


def compose(environment: Mapping[str, str], *arguments: str) -> "subprocess.CompletedProcess[str]":
    """Docker Compose on our file, with this environment alone and every profile."""
    return subprocess.run(  # noqa: S603 - our own program, no shell
        [PROGRAM, "--file", FILE, "--env-file", "/dev/null", "--profile", "*", *arguments],
        env={"PATH": "/usr/bin:/bin", **environment},
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )


if __name__ == "__main__":
    main()
