"""Plots as SVG that reads in light and in dark: goals beside what was reached, and times beside the peers'. Text and marks only;
what is drawn is also in the tables."""

from __future__ import annotations

import math
import re
from collections.abc import Sequence
from dataclasses import dataclass
from html import escape

from bench.common import Row, shown
from bench.goals import Reached

WIDTH, ROW, TOP, LEFT, RIGHT = 960, 26, 46, 420, 128
STYLE = """
text{font:13px system-ui,-apple-system,"Segoe UI","Noto Sans",sans-serif;fill:#1f2328}
.t{font-weight:600;font-size:15px}.s{fill:#59636e;font-size:12px}
.g{stroke:#d1d9e0}.k{stroke:#59636e;stroke-dasharray:3 3}.l{stroke:#8c959f;stroke-width:2}
.o{fill:#0550ae}.p{fill:none;stroke:#9a6700;stroke-width:2}.y{fill:#1a7f37}.n{fill:#cf222e}.ink{fill:#fff}
@media(prefers-color-scheme:dark){text{fill:#e6edf3}.s{fill:#9198a1}.g{stroke:#30363d}.k{stroke:#9198a1}.l{stroke:#656c76}
.o{fill:#58a6ff}.p{stroke:#d29922}.y{fill:#3fb950}.n{fill:#f85149}}
"""
UNITS = {"µs": 1e-6, "ms": 1e-3, "s": 1.0}


@dataclass(frozen=True)
class Axis:
    """Logarithmic, whole decades from `low` to `high`."""

    low: int
    high: int

    def x(self, value: float) -> float:
        at = (math.log10(value) - self.low) / (self.high - self.low)
        return LEFT + min(max(at, 0.0), 1.0) * (WIDTH - LEFT - RIGHT)


def axis_of(values: Sequence[float]) -> Axis:
    low, high = math.floor(math.log10(min(values))), math.ceil(math.log10(max(values)))
    return Axis(low, max(high, low + 1))


def picture(title: str, height: int, body: Sequence[str]) -> str:
    head = f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {height}" width="{WIDTH}" height="{height}" role="img">'
    return "\n".join([head, f"<title>{escape(title)}</title>", f"<style>{STYLE}</style>", *body, "</svg>", ""])


def text(x: float, y: float, words: str, kind: str = "", anchor: str = "start") -> str:
    return f'<text x="{x:.1f}" y="{y:.1f}" class="{kind}" text-anchor="{anchor}">{escape(words)}</text>'


def line(x1: float, x2: float, y1: float, y2: float, kind: str) -> str:
    return f'<line x1="{x1:.1f}" x2="{x2:.1f}" y1="{y1:.1f}" y2="{y2:.1f}" class="{kind}"/>'


def dot(x: float, y: float, kind: str) -> str:
    return f'<circle cx="{x:.1f}" cy="{y:.1f}" r="5" class="{kind}"/>'


def diamond(x: float, y: float) -> str:
    return f'<path d="M{x:.1f} {y - 6:.1f}l6 6-6 6-6-6z" class="p"/>'


def grid(axis: Axis, height: int, name: str) -> list[str]:
    """Decades as thin lines, named above."""
    drawn = [text(LEFT, 20, name, "s")]
    every = max(1, (axis.high - axis.low) // 8)
    for decade in range(axis.low, axis.high + 1):
        x = axis.x(10.0**decade)
        drawn.append(line(x, x, TOP - 6, height - 10, "g"))
        if (decade - axis.low) % every == 0:
            drawn.append(text(x, TOP - 12, _power(decade, name), "s", "middle"))
    return drawn


def _power(decade: int, name: str) -> str:
    if not name.startswith("time,"):
        return f"{10.0**decade:g}×"
    unit = next(u for u in ("s", "ms", "µs") if 10.0**decade >= UNITS[u] * 0.999 or u == "µs")
    return f"{10.0**decade / UNITS[unit]:g} {unit}"


def goals(found: Sequence[Reached]) -> str | None:
    """One line for each goal: how many times better than asked; left of 1 it is missed."""
    measured = [r for r in found if r.times_better]
    if not measured:
        return None
    axis = axis_of([0.1, 10.0, *(r.times_better for r in measured if r.times_better)])
    height = TOP + ROW * len(measured) + 12
    body = [
        text(12, 24, "Goals", "t"),
        *grid(axis, height, "times better than the goal"),
        line(axis.x(1), axis.x(1), TOP - 6, height - 10, "k"),
    ]
    for at, one in enumerate(measured):
        y, value = TOP + ROW * at + 12, one.times_better or 1.0
        kind = "y" if one.holds else "n"
        body += [
            text(12, y + 4, _short(one.goal.title, 58)),
            line(axis.x(1), axis.x(value), y, y, "l"),
            dot(axis.x(value), y, kind),
        ]
        body.append(text(WIDTH - RIGHT + 14, y + 4, f"{shown(value)}× {'holds' if one.holds else 'missed'}", "s"))
    return picture("How many times better than its goal each measurement is", height, body)


def seconds(row: Row) -> float | None:
    """The unit of a metric that is a time, in seconds; None of anything else. A metric begins or ends with its unit."""
    found = re.search(r"^(µs|ms|s)\b|\b(µs|ms|s)$", row["metric"])
    return UNITS[found.group(1) or found.group(2)] if found else None


def timed(title: str, rows: Sequence[Row]) -> str | None:
    """A filled dot for ours, a diamond for the peer's; the line between them is the ratio."""
    drawable = [(r, unit) for r in rows if (unit := seconds(r)) and r["ours"] > 0 and r["peer_value"] and r["peer"]]
    if not drawable:
        return None
    axis = axis_of([v * unit for r, unit in drawable for v in (r["ours"], r["peer_value"] or 0.0)])
    height = TOP + (ROW + 14) * len(drawable) + 12
    body = [text(12, 24, title, "t"), *grid(axis, height, "time, ● ours ◇ the peer’s")]
    for at, (row, unit) in enumerate(drawable):
        y = TOP + (ROW + 14) * at + 14
        ours, peer = axis.x(row["ours"] * unit), axis.x((row["peer_value"] or 0.0) * unit)
        body += [
            text(12, y - 2, _short(f"{row['metric']}", 62)),
            text(12, y + 14, _short(f"{row['instance']}: {row['peer']}", 68), "s"),
        ]
        body += [line(ours, peer, y, y, "l"), dot(ours, y, "o"), diamond(peer, y)]
        body.append(text(WIDTH - RIGHT + 14, y + 4, f"{shown(row['ratio'])}×"))
    return picture(f"{title}: ours beside each peer, on a logarithmic axis", height, body)


def _short(words: str, most: int) -> str:
    return words if len(words) <= most else words[: most - 1] + "…"
