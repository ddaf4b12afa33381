"""The colours of tokens.css: text stands out of its ground by day and by night, and kinds stay apart for eyes that do not see
red, green or blue.

Sources: WCAG 2.2, 1.4.3 (contrast); Machado, Oliveira, Fernandes 2009 (simulation, severity 1, on linear RGB); CIE 1976 for the
distance.
"""

from __future__ import annotations

import itertools
import re

import numpy as np
import pytest

from app.config import ROOT

TOKENS = (ROOT / "frontend" / "src" / "css" / "tokens.css").read_text(encoding="utf-8")
TEXT = [
    *((ink, ground) for ink in ("ink", "ink-2", "ink-3") for ground in ("bg", "card", "card-2")),
    *((state, ground) for state in ("ok", "warn", "bad") for ground in ("card", f"{state}-soft")),
    *(("brand", ground) for ground in ("bg", "card", "brand-soft")),
    ("brand-ink", "brand"),
    ("bad-ink", "bad"),
]
KINDS = ("tower", "duct", "cable", "room")
SIMULATED = {
    "protanopia": ((0.152286, 1.052583, -0.204868), (0.114503, 0.786281, 0.099216), (-0.003882, -0.048116, 1.051998)),
    "deuteranopia": ((0.367322, 0.860646, -0.227968), (0.280085, 0.672501, 0.047413), (-0.011820, 0.042940, 0.968881)),
    "tritanopia": ((1.255528, -0.076749, -0.178779), (-0.078411, 0.930809, 0.147602), (0.004733, 0.691367, 0.303900)),
}
TO_XYZ = np.array(((0.4124, 0.3576, 0.1805), (0.2126, 0.7152, 0.0722), (0.0193, 0.1192, 0.9505)))
WHITE = np.array((0.9505, 1.0, 1.089))
APART = 10.0  # of CIE76: small areas beside each other are told apart from about 5


def colours(scheme: str) -> dict[str, np.ndarray]:
    """The hexadecimal tokens of a scheme as linear RGB."""
    day, _, night = TOKENS.partition("@media (prefers-color-scheme: dark)")
    found = dict(re.findall(r"--([\w-]+):\s*(#[0-9a-f]{3,6});", day))
    if scheme == "dark":
        found |= dict(re.findall(r"--([\w-]+):\s*(#[0-9a-f]{3,6});", night))
    return {name: linear(value) for name, value in found.items()}


def linear(code: str) -> np.ndarray:
    digits = code[1:] if len(code) == 7 else "".join(c * 2 for c in code[1:])
    part = np.array([int(digits[i : i + 2], 16) for i in (0, 2, 4)]) / 255
    return np.where(part <= 0.04045, part / 12.92, ((part + 0.055) / 1.055) ** 2.4)


def contrast(one: np.ndarray, other: np.ndarray) -> float:
    light = sorted(float(TO_XYZ[1] @ colour) for colour in (one, other))
    return (light[1] + 0.05) / (light[0] + 0.05)


def lab(colour: np.ndarray) -> np.ndarray:
    share = TO_XYZ @ np.clip(colour, 0, 1) / WHITE
    f = np.where(share > 0.008856, np.cbrt(share), 7.787 * share + 16 / 116)
    return np.array((116 * f[1] - 16, 500 * (f[0] - f[1]), 200 * (f[1] - f[2])))


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_text_stands_out_of_its_ground(scheme: str) -> None:
    known = colours(scheme)
    weak = {f"{ink} on {ground}": contrast(known[ink], known[ground]) for ink, ground in TEXT}
    assert {pair: round(ratio, 2) for pair, ratio in weak.items() if ratio < 4.5} == {}


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("seeing", SIMULATED)
def test_kinds_stay_apart_for_every_eye(scheme: str, seeing: str) -> None:
    """The shapes of their icons differ too: colour is never alone."""
    known = colours(scheme)
    seen = {kind: lab(np.array(SIMULATED[seeing]) @ known[kind]) for kind in KINDS}
    near = {f"{a} and {b}": float(np.linalg.norm(seen[a] - seen[b])) for a, b in itertools.combinations(KINDS, 2)}
    assert {pair: round(far, 1) for pair, far in near.items() if far < APART} == {}
