"""The `wherry` command: its own commands and those that services bring as entry points."""

from importlib.metadata import entry_points

import click


class Suite(click.Group):
    """A group that loads a service's commands only when they are asked for."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        """Own commands and those registered under `wherry.commands`."""
        brought = [point.name for point in entry_points(group="wherry.commands")]
        return sorted({*super().list_commands(ctx), *brought})

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """The command by name; the service behind it is imported here."""
        if own := super().get_command(ctx, cmd_name):
            return own
        for point in entry_points(group="wherry.commands", name=cmd_name):
            command = point.load()
            if isinstance(command, click.Command):
                return command
        return None


@click.group(cls=Suite)
@click.version_option(package_name="wherry")
def main() -> None:
    """Wherry: HL7 v2 feeds and device payloads to FHIR R4, risk scores, CDS Hooks cards."""
