"""What a payload became, as text for the person who writes its template."""

from collections.abc import Iterator, Mapping
from typing import Any

import click

from wherry.codec import encode
from wherry_devices.template_files import Templates


def show(path: str, body: bytes, said: Mapping[str, Any], templates: Templates) -> None:
    """Print readings, what was withheld, fields that nobody reads, and the FHIR of one payload."""
    for line in lines(path, len(body), said, templates):
        click.echo(line)


def lines(path: str, size: int, said: Mapping[str, Any], templates: Templates) -> Iterator[str]:
    """The same, line by line."""
    yield f"{path} ({size} bytes)"
    compiled = templates.get(str(said.get("template", "")))
    if compiled is not None:
        template = compiled.template
        yield f"  template {template.id} {template.version} sha256:{template.digest[:12]}"
        yield f"  fields it knows: {', '.join(sorted(compiled.names))}"
    for one in said["readings"]:
        value = one.get("absent") or f"{one.get('comparator', '')}{one['value']} {one['unit']}"
        marks = [one["origin"], f"offset {one['offset_origin']}", f"clock {one['clock']}"]
        yield f"  reading   {one['kind']} {value} at {one['instant']} ({', '.join(marks)})"
        yield f"            from {one['at']}"
    for one in said["dropped"]:
        yield f"  {'aside    ' if one['aside'] else 'dropped  '} {one['text']}"
    for one in said["unmapped"]:
        yield f"  not read  {one['at']}"
    if "outcome" in said:
        yield f"  outcome   {said['outcome']['issue'][0]['details']['text']}"
        return
    for entry in said["bundle"]["entry"]:
        yield f"  FHIR      {encode(entry['resource']).decode()}"
