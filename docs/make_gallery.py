"""Draw gallery.png: a row for each trait and each dial of the simulated shells, from low to high.

Run from the root of the repository: `uv run python docs/make_gallery.py`.
"""

from dataclasses import fields, replace
from pathlib import Path

import numpy as np
from PIL import Image, ImageDraw, ImageFont
from visgen_train.simulate import RANGES, Difficulty, draw_specimen

SIZE, COLUMNS, LABEL = 96, 6, 150
SEED = 10
CLEAN = Difficulty(0, 0, 0, 0, 0, 0)
SHELL = dict.fromkeys(RANGES, 0.0) | {
    "deviation": -0.85,
    "rotation": 0.35,
    "pore_amplitude": -0.8,
    "aperture": 0.5,
    "translucency": -0.8,
}
"""Scores of the shell of which one trait is changed at a time."""
POROUS = SHELL | {"pore_amplitude": 1.0}
"""The same with pores that show how far apart they lie."""
SCORES = np.linspace(-2, 2, COLUMNS)
"""Scores of that trait, in standard deviations over the species."""
DIALS = {
    "variation": 1.0,
    "tilt": 1.0,
    "noise": 0.1,
    "blur": 0.1,
    "clutter": 50.0,
    "scale": 0.8,
}
"""Value of each dial in the last column; it is 0 in the first."""


def rows() -> dict[str, list[np.ndarray]]:
    """The pictures of each row, by the name of the trait or dial."""
    traits = {
        name: [
            _draw((POROUS if name == "pore_spacing" else SHELL) | {name: score}, CLEAN) for score in SCORES
        ]
        for name in RANGES
    }
    dials = {
        field.name: [
            _draw(SHELL, replace(CLEAN, **{field.name: value}))
            for value in np.linspace(0, DIALS[field.name], COLUMNS)
        ]
        for field in fields(Difficulty)
    }
    return traits | dials


def gallery() -> Image.Image:
    """All rows, with their names on the left."""
    found = rows()
    picture = Image.new("L", (LABEL + COLUMNS * SIZE, len(found) * SIZE))
    pen, font = ImageDraw.Draw(picture), ImageFont.load_default(17)
    for number, (name, pictures) in enumerate(found.items()):
        pen.text((10, (number + 0.5) * SIZE), name, 255, font, anchor="lm")
        picture.paste(Image.fromarray(np.hstack(pictures)), (LABEL, number * SIZE))
    return picture


def _draw(scores: dict[str, float], difficulty: Difficulty) -> np.ndarray:
    drawn = np.array(list(scores.values()))
    return draw_specimen(drawn, difficulty, SIZE, np.random.default_rng(SEED))


if __name__ == "__main__":
    gallery().save(Path(__file__).with_name("gallery.png"), optimize=True)
