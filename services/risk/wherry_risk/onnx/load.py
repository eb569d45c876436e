"""A package folder becomes a model that may be served, or the reason why it may not."""

from collections.abc import Mapping
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path

from wherry.errors import Failure, Kind
from wherry_risk.model.interface import Model
from wherry_risk.onnx.golden import check_rows, matrix, read_rows
from wherry_risk.onnx.manifest import Manifest, read_manifest
from wherry_risk.onnx.session import make_session
from wherry_risk.onnx.spec_of import columns_of, spec_of
from wherry_risk.onnx.trained import Trained

PACKAGES = Path(__file__).parents[1] / "packages"
"""The packages that come with the service: <id>/<version>/."""
SHOWN = ("evaluation.json", "model_card.json")
"""What a card is made of; kept as it was when its hash was checked."""
MAX_BYTES = 2 * 1024 * 1024


@dataclass(frozen=True, slots=True)
class Loaded:
    """Models that passed every check, and per id why another did not."""

    models: Mapping[str, Model]
    unserved: Mapping[str, str]


def load_all(root: Path = PACKAGES) -> Loaded:
    """The newest version of each package; one that fails is left out and the others go on.

    An older version never stands in for a newer one that fails: nobody would notice.
    """
    models: dict[str, Model] = {}
    unserved: dict[str, str] = {}
    for name, versions in versions_of(root).items():
        try:
            models[name] = load(root / name / versions[-1])
        except Failure as failure:
            unserved[name] = why(failure)
    return Loaded(models, unserved)


def versions_of(root: Path = PACKAGES) -> dict[str, tuple[str, ...]]:
    """The versions of each package that lie there, the oldest first."""
    found = {}
    for folder in sorted(path for path in root.glob("*") if path.is_dir()):
        versions = sorted((path for path in folder.iterdir() if path.is_dir()), key=_order)
        if versions:
            found[folder.name] = tuple(path.name for path in versions)
    return found


def why(failure: Failure) -> str:
    """Why a package is not served, in words that are safe to show."""
    return f"{failure.at}: {failure.detail}"


def load(folder: Path) -> Trained:
    """The model of this package.

    Its bytes are read once; they are hashed before anything parses them, and served only when the
    golden rows come out as they were written down.
    Raises: Failure(UNPROCESSABLE) with the check that did not hold.
    """
    written = _read(folder, "manifest.json")
    manifest = read_manifest(written)
    if (folder.parent.name, folder.name) != (manifest.id, manifest.version):
        raise Failure(Kind.UNPROCESSABLE, "the folder belongs to another model", at="manifest")
    told = manifest.artifact
    golden = _hashed(folder, told.golden, told.golden_sha256)
    session = make_session(_hashed(folder, told.file, told.sha256), manifest)
    rows = read_rows(golden)
    given = matrix([row.inputs for row in rows])
    if given.shape[1:] != (len(manifest.features),):
        raise Failure(Kind.UNPROCESSABLE, "rows of another width", at="golden.jsonl")
    check_rows(rows, *session.run(given))
    _check_thresholds(manifest)
    others = {name: _hashed(folder, name, expected) for name, expected in told.others.items()}
    columns = columns_of(manifest.inputs, manifest.features)
    spec = spec_of(manifest, sha256=sha256(written).hexdigest())
    documents = {name: others[name] for name in SHOWN if name in others}
    return Trained(spec, manifest, session, columns, documents)


def _hashed(folder: Path, name: str, expected: str) -> bytes:
    data = _read(folder, name)
    if sha256(data).hexdigest() != expected:
        raise Failure(Kind.UNPROCESSABLE, "the hash differs from the manifest's", at=name)
    return data


def _read(folder: Path, name: str) -> bytes:
    if Path(name).name != name:
        raise Failure(Kind.UNPROCESSABLE, "a file outside of the package", at="manifest")
    try:
        with (folder / name).open("rb") as file:
            data = file.read(MAX_BYTES + 1)
    except OSError:
        raise Failure(Kind.UNPROCESSABLE, "the file cannot be read", at=name) from None
    if len(data) > MAX_BYTES:
        raise Failure(Kind.UNPROCESSABLE, "the file is too large", at=name)
    return data


def _check_thresholds(manifest: Manifest) -> None:
    values = [tier.value for tier in manifest.thresholds]
    if values[0] != 0 or values != sorted(set(values)):
        raise Failure(Kind.UNPROCESSABLE, "thresholds must rise from 0", at="manifest.thresholds")


def _order(version: Path) -> tuple[int, ...]:
    """Versions by number; what is no version comes first and fails its check when alone."""
    parts = version.name.split(".")
    return tuple(map(int, parts)) if all(part.isdecimal() for part in parts) else ()
