"""Numbers become inline SVG: a calibration plot, bars with limits, a line over days."""

from collections.abc import Sequence
from html import escape
from typing import NamedTuple

WIDTH, ROW, LABEL, FIGURE = 640, 22, 210, 64
SQUARE, MARGIN, EDGE = 320, 52, 20
"""A square with room for figures at the left and below, and an edge elsewhere."""
HEIGHT = 180


class Bar(NamedTuple):
    """One bar: its name, how long it is, the text at its end, how much it asks for attention."""

    name: str
    value: float
    text: str
    level: str


class Mark(NamedTuple):
    """A limit that bars are held against."""

    at: float
    name: str


class Point(NamedTuple):
    """A tenth of the scores: what was expected, what was seen, and how many they are."""

    expected: float
    observed: float
    n: int


def bars(title: str, told: Sequence[Bar], marks: Sequence[Mark] = (), *, most: float) -> str:
    """Horizontal bars, each with its name and its figure, none longer than `most`."""
    room = WIDTH - LABEL - FIGURE
    top = 18 if marks else 2
    height = top + ROW * len(told) + 4
    parts = [
        f'<text x="{LABEL - 8}" y="{top + ROW * n + 15}" text-anchor="end">'
        f"{escape(one.name)}</text>"
        f'<rect class="{escape(one.level)}" x="{LABEL}" y="{top + ROW * n + 4}" height="{ROW - 8}" '
        f'width="{max(_share(one.value, most) * room, 0.5):.1f}" rx="2"/>'
        f'<text x="{LABEL + _share(one.value, most) * room + 6:.1f}" y="{top + ROW * n + 15}">'
        f"{escape(one.text)}</text>"
        for n, one in enumerate(told)
    ]
    for mark in marks:
        x = LABEL + mark.at / most * room
        parts.append(
            f'<line class="mark" x1="{x:.1f}" x2="{x:.1f}" y1="{top}" y2="{height - 2}"/>'
            f'<text class="small" x="{x:.1f}" y="11" text-anchor="middle">'
            f"{escape(mark.name)}</text>"
        )
    return _svg(title, WIDTH, height, parts)


def calibration(title: str, told: Sequence[Point], *, most: float) -> str:
    """Expected against observed; the diagonal is right. Circles grow with the number of scores."""
    side, most = SQUARE - MARGIN - EDGE, most or 1.0
    largest = max((one.n for one in told), default=1)

    def x(value: float) -> float:
        return MARGIN + value / most * side

    def y(value: float) -> float:
        return SQUARE - MARGIN - value / most * side

    parts = [
        f'<rect class="frame" x="{MARGIN}" y="{EDGE}" width="{side}" height="{side}"/>',
        f'<line class="mark" x1="{x(0):.1f}" y1="{y(0):.1f}" x2="{x(most):.1f}" '
        f'y2="{y(most):.1f}"/>',
        '<polyline class="line" points="'
        + " ".join(f"{x(one.expected):.1f},{y(one.observed):.1f}" for one in told)
        + '"/>',
        *(
            f'<circle class="dot" cx="{x(one.expected):.1f}" cy="{y(one.observed):.1f}" '
            f'r="{3 + 4 * (one.n / largest) ** 0.5:.1f}"/>'
            for one in told
        ),
        *(
            f'<text class="small" x="{x(at):.1f}" y="{SQUARE - MARGIN + 15}" text-anchor="middle">'
            f'{at:.0%}</text><text class="small" x="{MARGIN - 6}" y="{y(at) + 4:.1f}" '
            f'text-anchor="end">{at:.0%}</text>'
            for at in (0.0, most / 2, most)
        ),
        f'<text x="{(SQUARE + MARGIN) / 2}" y="{SQUARE - 12}" text-anchor="middle">expected</text>',
        f'<text x="12" y="{(SQUARE - MARGIN) / 2}" text-anchor="middle" '
        f'transform="rotate(-90 12 {(SQUARE - MARGIN) / 2})">observed</text>',
    ]
    return _svg(title, SQUARE, SQUARE, parts, small=True)


def over_days(title: str, told: Sequence[tuple[str, float]]) -> str:
    """A line over days, with the days at its ends."""
    most = max((value for _, value in told), default=0.0) or 1.0
    room, floor = WIDTH - 2 * MARGIN, HEIGHT - 30
    step = room / max(len(told) - 1, 1)
    points = [
        (MARGIN + step * n, floor - value / most * (floor - 16))
        for n, (_, value) in enumerate(told)
    ]
    ends = [(told[0][0], points[0][0], "start"), (told[-1][0], points[-1][0], "end")]
    parts = [
        f'<line class="mark" x1="{MARGIN}" x2="{WIDTH - MARGIN}" y1="{floor}" y2="{floor}"/>',
        '<polyline class="line" points="' + " ".join(f"{x:.1f},{y:.1f}" for x, y in points) + '"/>',
        *(f'<circle class="dot" cx="{x:.1f}" cy="{y:.1f}" r="2.5"/>' for x, y in points),
        f'<text class="small" x="{MARGIN - 6}" y="20" text-anchor="end">{most:.0f}</text>',
        f'<text class="small" x="{MARGIN - 6}" y="{floor + 4}" text-anchor="end">0</text>',
        *(
            f'<text class="small" x="{x:.1f}" y="{HEIGHT - 10}" text-anchor="{anchor}">'
            f"{escape(day)}</text>"
            for day, x, anchor in ends
        ),
    ]
    return _svg(title, WIDTH, HEIGHT, parts)


def _svg(
    title: str, width: float, height: float, parts: Sequence[str], *, small: bool = False
) -> str:
    kind = ' class="square"' if small else ""
    return (
        f'<svg{kind} role="img" aria-label="{escape(title)}" viewBox="0 0 {width:g} {height:g}" '
        f'xmlns="http://www.w3.org/2000/svg">{"".join(parts)}</svg>'
    )


def _share(value: float, most: float) -> float:
    return min(value / most, 1.0)
