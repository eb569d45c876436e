"""docs/settings.md says what the settings classes say, and each setting says enough."""

import runpy
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
PAGE = runpy.run_path(str(ROOT / "scripts" / "settings_page.py"))
CLASSES = [
    PAGE["SuiteSettings"],
    PAGE["UpSettings"],
    *(PAGE["settings"](path) for path in sorted(ROOT.glob("services/*/wherry_*/settings.py"))),
]
FIELDS = [(cls, name) for cls in CLASSES for name in cls.model_fields]


def test_the_page_is_current() -> None:
    assert (ROOT / "docs" / "settings.md").read_text() == PAGE["whole_page"]()


@pytest.mark.parametrize(
    ("cls", "name"), FIELDS, ids=lambda part: getattr(part, "__module__", part)
)
def test_every_setting_is_described_and_no_secret_has_a_default(cls: type, name: str) -> None:
    field = cls.model_fields[name]  # type: ignore[attr-defined] # a pydantic class by construction

    assert field.description
    assert "Secret" not in str(field.annotation) or field.get_default() is None


def test_every_settings_class_is_frozen_and_named_after_its_service() -> None:
    prefixes = {cls.__module__: cls.model_config.get("env_prefix") for cls in CLASSES[2:]}

    assert prefixes == {
        f"wherry_{path.name}.settings": f"WHERRY_{path.name.upper()}_"
        for path in (ROOT / "services").iterdir()
        if (path / f"wherry_{path.name}" / "settings.py").exists()
    }
    assert all(cls.model_config.get("frozen") for cls in CLASSES)
