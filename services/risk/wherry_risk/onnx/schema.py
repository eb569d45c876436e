"""The types of the manifest become the JSON Schema that others can check a package with."""

from pathlib import Path

import msgspec

from wherry_risk.onnx.manifest import Manifest

PATH = Path(__file__).parents[1] / "packages" / "manifest.schema.json"


def schema() -> bytes:
    """JSON Schema 2020-12 of manifest.json; `python -m wherry_risk.onnx.schema` writes it."""
    told = {"$schema": "https://json-schema.org/draft/2020-12/schema"}
    return (
        msgspec.json.format(msgspec.json.encode(told | msgspec.json.schema(Manifest)), indent=1)
        + b"\n"
    )


if __name__ == "__main__":
    PATH.write_bytes(schema())
