"""The gallery of docs/simulated.md has a row and words for each trait and each dial."""

import importlib.util
import re
from dataclasses import asdict
from pathlib import Path

import numpy as np
from PIL import Image
from visgen_train.simulate import RANGES, Difficulty

DOCS = Path(__file__).parents[4] / "docs"


def test_the_gallery_has_a_row_and_words_for_each_trait_and_dial() -> None:
    spec = importlib.util.spec_from_file_location("make_gallery", DOCS / "make_gallery.py")
    assert spec is not None
    assert spec.loader is not None
    script = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(script)
    rows = script.rows()
    assert list(rows) == [*RANGES, *asdict(Difficulty())]
    for name, pictures in rows.items():
        changes = np.abs(pictures[0].astype(float) - pictures[-1])
        assert (changes > 12).sum() > 100, name  # a person sees it
    with Image.open(DOCS / "gallery.png") as kept:
        assert kept.size == (script.LABEL + script.COLUMNS * script.SIZE, len(rows) * script.SIZE)
    page = (DOCS / "simulated.md").read_text(encoding="utf-8")
    told = re.findall(r"^\| `(?:--)?(\w+)` \| ([-\d.]+)(?: to ([-\d.]+))?", page, re.MULTILINE)
    assert [row[0] for row in told] == list(rows)
    for name, low, high in told:
        assert (
            (float(low), float(high)) == RANGES[name] if name in RANGES else float(low) == script.DIALS[name]
        )
