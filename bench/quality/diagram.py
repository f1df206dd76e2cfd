"""The reliability diagram, as SVG: how many of those with a score are good, beside how many there should be."""

from collections.abc import Mapping, Sequence

from bench.quality.metrics import Bin

_SIDE, _LEFT, _TOP, _GAP = 240, 52, 44, 56
_INK, _GRID, _POINT = "#1f2937", "#d1d5db", "#b45309"


def reliability_svg(panels: Mapping[str, Sequence[Bin]]) -> str:
    """A picture with a square for each group of pairs; the area of a point is its share of the weight."""
    width = _LEFT + len(panels) * (_SIDE + _GAP) - _GAP + 20
    height = _TOP + _SIDE + 56
    drawn = [_panel(title, found, _LEFT + at * (_SIDE + _GAP)) for at, (title, found) in enumerate(panels.items())]
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}" width="{width}" height="{height}" '
        f'font-family="sans-serif" font-size="13" fill="{_INK}">\n'
        f"<title>Reliability of scores: share of good matches by score</title>\n"
        f'<rect width="{width}" height="{height}" fill="#ffffff"/>\n'
        + "".join(drawn)
        + _text(14, _TOP + _SIDE / 2, "share of good matches", turned=True)
        + "</svg>\n"
    )


def _panel(title: str, found: Sequence[Bin], left: float) -> str:
    bottom = _TOP + _SIDE
    parts = [_text(left + _SIDE / 2, _TOP - 16, title, weight="bold")]
    for step in range(6):
        at = step / 5 * _SIDE
        parts.append(_line(left + at, _TOP, left + at, bottom, _GRID))
        parts.append(_line(left, bottom - at, left + _SIDE, bottom - at, _GRID))
        parts.append(_text(left + at, bottom + 18, f"{step / 5:g}"))
        if left == _LEFT:
            parts.append(_text(left - 16, bottom - at + 4, f"{step / 5:g}"))
    parts.append(_line(left, bottom, left + _SIDE, _TOP, _INK, dashed=True))
    places = [(left + one.score * _SIDE, bottom - one.good * _SIDE) for one in found]
    joined = " ".join(f"{x:.1f},{y:.1f}" for x, y in places)
    parts.append(f'<polyline points="{joined}" fill="none" stroke="{_POINT}" stroke-width="1.5"/>\n')
    for one, (x, y) in zip(found, places, strict=True):
        radius = 3 + 14 * one.share**0.5 / 1.5
        label = f"score {one.score:.2f}, good {one.good:.2f}, {one.share:.0%} of the weight"
        parts.append(
            f'<circle cx="{x:.1f}" cy="{y:.1f}" r="{radius:.1f}" fill="{_POINT}" fill-opacity="0.75">'
            f"<title>{label}</title></circle>\n"
        )
    parts.append(_text(left + _SIDE / 2, bottom + 40, "score shown"))
    return "".join(parts)


def _line(x1: float, y1: float, x2: float, y2: float, colour: str, *, dashed: bool = False) -> str:
    dash = ' stroke-dasharray="5 4"' if dashed else ""
    return f'<line x1="{x1:g}" y1="{y1:g}" x2="{x2:g}" y2="{y2:g}" stroke="{colour}"{dash}/>\n'


def _text(x: float, y: float, text: str, *, weight: str = "normal", turned: bool = False) -> str:
    turn = f' transform="rotate(-90 {x:g} {y:g})"' if turned else ""
    return f'<text x="{x:g}" y="{y:g}" text-anchor="middle" font-weight="{weight}"{turn}>{text}</text>\n'
