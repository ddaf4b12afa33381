"""Approved pictures of pages, and how far a page may be from its own.

A picture is compared at a quarter of its size, so that the edges of letters do not count; a pixel differs when one of its
colours does by more than `NEAR` of 255, and a page when more than `SHARE` of its pixels do. What moved or changed its colour is
seen; a reference, a minute or another version of a face is not.

`PICTURES=approve` writes the pictures anew instead. A changed picture is a commit of its own that names what was there before and what
is there now. Pictures that differ are left beside those that were approved as `NAME.now.png`, which git ignores.
"""

from __future__ import annotations

import io
import os
from pathlib import Path

import numpy as np
from PIL import Image

FOLDER = Path(__file__).resolve().parents[1] / "browser" / "pictures"
NEAR, SHARE, SMALLER = 28, 0.006, 4
COLOURS = 128  # of an approved picture: a fifth of the bytes


def approving() -> bool:
    return os.environ.get("PICTURES") == "approve"


def held(name: str, png: bytes) -> str:
    """What is wrong with the page whose picture is `png`; empty when it is as approved."""
    path, now = FOLDER / f"{name}.png", FOLDER / f"{name}.now.png"
    taken = Image.open(io.BytesIO(png)).convert("RGB")
    if approving():
        FOLDER.mkdir(exist_ok=True)
        taken.quantize(COLOURS, dither=Image.Dither.NONE).save(path, optimize=True)
        return ""
    if not path.exists():
        return f"{name}: no approved picture; look at the page, then PICTURES=approve writes it"
    fault = difference(Image.open(path).convert("RGB"), taken)
    if fault:
        taken.save(now)
        return f"{name}: {fault}; see {now.name} beside the approved one"
    now.unlink(missing_ok=True)
    return ""


def difference(approved: Image.Image, taken: Image.Image) -> str:
    """How the pictures differ, in words; empty when they do not."""
    if approved.size != taken.size:
        return f"{taken.size[0]} × {taken.size[1]} instead of {approved.size[0]} × {approved.size[1]} pixels"
    one, other = (np.asarray(image.reduce(SMALLER), dtype=np.int16) for image in (approved, taken))
    share = float((np.abs(one - other).max(axis=2) > NEAR).mean())
    return f"{share:.2%} of it is different, {SHARE:.2%} may be" if share > SHARE else ""
