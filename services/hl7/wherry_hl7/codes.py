"""`wherry hl7 codes`: which senders use codes that no table has, and how often."""

import click
from rich.console import Console
from rich.table import Table

from wherry.adapters.sql import make_engine
from wherry.adapters.tally_sql import SqlTally
from wherry.codec import encode
from wherry_hl7.settings import Settings


@click.command()
@click.option("--json", "as_json", is_flag=True, help="One JSON object a line.")
def codes(as_json: bool) -> None:
    """Print how many codes each sender sent that a code table does not have.

    The messages were stored with the code as it came. Put the missing rows into the sender's
    profile (`tables:`), then replay the messages with `wherry inbox replay`.
    """
    engine = make_engine(Settings().database_url)
    try:
        counted = SqlTally(engine).counts()
    finally:
        engine.dispose()
    if as_json:
        for (sender, table), times in counted.items():
            click.echo(encode({"sender": sender, "table": table, "codes": times}))
        return
    shown = Table("sender (MSH-3|MSH-4)", "code table", "codes")
    for (sender, table), times in counted.items():
        shown.add_row(sender, table, str(times))
    Console().print(shown if counted else "every code was in its table")
