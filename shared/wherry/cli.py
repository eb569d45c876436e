"""The `wherry` command: its own commands and those that services bring as entry points."""

from importlib import import_module
from importlib.metadata import EntryPoint, entry_points
from importlib.util import find_spec

import click

# name: where it is defined; imported only when it is asked for
OWN = {
    "demo": "wherry.suite.demo.command:demo",
    "inbox": "wherry.inbox_cli:inbox",
    "up": "wherry.suite.up:up",
}


class Suite(click.Group):
    """A group that loads a service's commands only when they are asked for."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        """Own commands and those registered under `wherry.commands`."""
        brought = [point.name for point in entry_points(group="wherry.commands") if _is_here(point)]
        return sorted({*OWN, *brought})

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """The command by name; the service behind it is imported here."""
        if cmd_name in OWN:
            module, _, name = OWN[cmd_name].partition(":")
            command = getattr(import_module(module), name)
            return command if isinstance(command, click.Command) else None
        for point in entry_points(group="wherry.commands", name=cmd_name):
            command = point.load()
            if isinstance(command, click.Command):
                return command
        return None


def _is_here(point: EntryPoint) -> bool:
    """Whether the service behind it is installed: an image holds one service, not all."""
    return find_spec(point.module.partition(".")[0]) is not None


@click.group(cls=Suite)
@click.version_option(package_name="wherry")
def main() -> None:
    """Wherry: HL7 v2 feeds and device payloads to FHIR R4, risk scores, CDS Hooks cards."""
