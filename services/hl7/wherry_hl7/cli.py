"""The `wherry hl7` commands."""

from importlib import import_module
from importlib.util import find_spec

import click

from wherry_hl7.send import send


class _Hl7(click.Group):
    """A group that loads the translator only when a command needs it."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        """The commands of this service."""
        return sorted({*super().list_commands(ctx), *_LATER})

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """The command by name."""
        if cmd_name in _LATER and find_spec(_LATER[cmd_name]):
            command = getattr(import_module(_LATER[cmd_name]), cmd_name)
            return command if isinstance(command, click.Command) else None
        return super().get_command(ctx, cmd_name)


_LATER = {
    "codes": "wherry_hl7.codes",
    "convert": "wherry_hl7.convert",
    "explain": "wherry_hl7.explain",
}


@click.group(cls=_Hl7)
def hl7() -> None:
    """HL7 v2 messages: convert them to FHIR, send them over MLLP."""


hl7.add_command(send)
