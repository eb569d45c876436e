"""An EHR's style document becomes values that a page may use safely, or nothing.

Source: SMART App Launch 2.2, smart_style_url; WCAG 2.2, 1.4.3 (contrast).
"""

import re
from collections.abc import Mapping
from typing import Any

_COLOUR = re.compile(r"#(?:[0-9a-fA-F]{3}|[0-9a-fA-F]{6})")
_LENGTH = re.compile(r"\d{1,3}(?:\.\d{1,2})?px")
_FONT = re.compile(r"[A-Za-z0-9 ,'-]{1,200}")

_RULES: Mapping[str, re.Pattern[str]] = {
    "color_background": _COLOUR,
    "color_error": _COLOUR,
    "color_highlight": _COLOUR,
    "color_modal_backdrop": _COLOUR,
    "color_success": _COLOUR,
    "color_text": _COLOUR,
    "dim_border_radius": _LENGTH,
    "dim_font_size": _LENGTH,
    "dim_spacing_size": _LENGTH,
    "font_family_body": _FONT,
    "font_family_heading": _FONT,
}
_TEXT, _GROUND = "color_text", "color_background"
_ON_GROUND = ("color_error", "color_highlight", "color_success")
ENOUGH = 4.5
"""The least contrast of text. Source: WCAG 2.2, 1.4.3."""


def style(document: Mapping[str, Any]) -> dict[str, str]:
    """The members that are known and well formed; colours only where text stays readable."""
    told = {
        name: value
        for name, rule in _RULES.items()
        if isinstance(value := document.get(name), str) and rule.fullmatch(value)
    }
    if _TEXT in told and _GROUND in told and contrast(told[_TEXT], told[_GROUND]) >= ENOUGH:
        faint = [
            name
            for name in _ON_GROUND
            if name in told and contrast(told[name], told[_GROUND]) < ENOUGH
        ]
        return {name: value for name, value in told.items() if name not in faint}
    return {name: value for name, value in told.items() if not name.startswith("color_")}


def contrast(one: str, other: str) -> float:
    """The contrast ratio of two colours. Source: WCAG 2.2, contrast ratio."""
    lighter, darker = sorted((_luminance(one), _luminance(other)), reverse=True)
    return (lighter + 0.05) / (darker + 0.05)


def _luminance(colour: str) -> float:
    """Source: WCAG 2.2, relative luminance."""
    digits = colour[1:] if len(colour) == 7 else "".join(each * 2 for each in colour[1:])
    parts = (int(digits[place : place + 2], 16) / 255 for place in (0, 2, 4))
    red, green, blue = (
        part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts
    )
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue
