"""An EHR's colours are taken when they can be read and can do no harm."""

from typing import Any

import pytest

from wherry_smart.summary.style import contrast, style

GOOD = {
    "color_background": "#ffffff",
    "color_text": "#222",
    "color_error": "#9e2d2d",
    "dim_font_size": "13px",
    "font_family_body": "Georgia, Times, 'Times New Roman', serif",
}


def test_a_good_document_is_taken_and_unknown_members_are_left_out() -> None:
    assert style({**GOOD, "color_made_up": "#000000", "x": 1}) == GOOD


@pytest.mark.parametrize(
    "bad",
    [
        {"color_text": "red; background: url(https://evil.example)"},
        {"color_text": "#12345"},
        {"color_text": "#eeeeee"},
        {"color_background": 7},
    ],
)
def test_colours_that_cannot_be_read_are_left_out_together(bad: dict[str, Any]) -> None:
    assert not [name for name in style({**GOOD, **bad}) if name.startswith("color_")]


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("dim_font_size", "13em"),
        ("dim_font_size", "9999px"),
        ("dim_font_size", "calc(1px)"),
        ("font_family_body", "x; } body { display: none"),
        ("font_family_body", 'x"'),
        ("color_error", "#fefefe"),
    ],
)
def test_a_value_that_is_not_right_is_left_out_alone(name: str, value: str) -> None:
    assert style({**GOOD, name: value}) == {k: v for k, v in GOOD.items() if k != name}


def test_contrast_is_as_the_guideline_counts_it() -> None:
    assert contrast("#000000", "#fff") == pytest.approx(21)
    assert contrast("#777777", "#ffffff") == pytest.approx(4.48, abs=0.01)
