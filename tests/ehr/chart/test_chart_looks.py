"""Pages that can be used by everyone: landmarks, headers, contrast."""

from pathlib import Path
from typing import Any

import pytest

import wherry_ehr.chart

CSS = (Path(wherry_ehr.chart.__file__).parent / "assets" / "chart.css").read_text()


def _has(page: Any, tag: str) -> int:
    return sum(1 for each, _ in page.tags if each == tag)


@pytest.mark.parametrize("path", ["/chart", "/chart/p-1"])
def test_a_page_can_be_used_without_seeing_it(sandbox: Any, made: Any, path: str) -> None:
    sandbox.put(
        made.patient(),
        made.observation("o-1", "vital-signs", "Pulse", valueQuantity={"value": 70}),
        made.assessment("r-1", "high", "2026-03-01T11:00:00Z"),
    )

    html = sandbox.page(path)
    page = sandbox.parsed(path)

    ids = {attrs["id"] for _, attrs in page.tags if "id" in attrs}
    named = [attrs["aria-labelledby"] for _, attrs in page.tags if "aria-labelledby" in attrs]
    assert ("html", {"lang": "en"}) in page.tags
    assert [_has(page, tag) for tag in ("main", "header", "nav", "footer", "h1")] == [1] * 5
    assert all("scope" in attrs for tag, attrs in page.tags if tag == "th")
    assert set(named) <= ids
    assert "Sandbox with synthetic data" in html


def test_the_style_sheet_needs_nothing_from_elsewhere() -> None:
    assert not [word for word in ("@import", "url(", "http") if word in CSS]


def _channel(value: int) -> float:
    share = value / 255
    return share / 12.92 if share <= 0.04045 else float(((share + 0.055) / 1.055) ** 2.4)


def _luminance(colour: str) -> float:
    red, green, blue = (_channel(int(colour[n : n + 2], 16)) for n in (1, 3, 5))
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


PAIRS = [
    *[(ink, paper) for ink in ("ink", "quiet", "link") for paper in ("paper", "card")],
    *[(f"{name}-ink", name) for name in ("sandbox", "low", "medium", "high", "other")],
]


@pytest.mark.parametrize("scheme", [0, 1], ids=["light", "dark"])
@pytest.mark.parametrize(("ink", "paper"), PAIRS)
def test_every_text_stands_out_from_its_ground(scheme: int, ink: str, paper: str) -> None:
    """Source: WCAG 2.2, 1.4.3 Contrast (Minimum), 4.5 to 1."""
    block = CSS.split(":root {")[1 + scheme].split("}")[0]
    colours = {
        name.strip().removeprefix("--"): value.strip()
        for name, _, value in (line.partition(":") for line in block.split(";"))
        if value.strip().startswith("#")
    }

    light, dark = sorted((_luminance(colours[ink]), _luminance(colours[paper])), reverse=True)

    assert (light + 0.05) / (dark + 0.05) >= 4.5
