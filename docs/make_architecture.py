"""Draw architecture.svg: the way of the data, from what a user brings to report, prediction and export."""

from html import escape
from pathlib import Path
from typing import Final

PLACE: Final = Path(__file__).with_name("architecture.svg")
SIZE: Final = 980, 720
WIDTH, HEIGHT = 270, 58
INPUT, WORK, DNA, RESULT = "#e8e4d9", "#dbe7f3", "#dcefdc", "#f6e3cf"
LEFT, MIDDLE, RIGHT = 30, 355, 680

BOXES: Final = {
    "images": (LEFT, 55, INPUT, "images", "a folder a species, or a CSV"),
    "match": (MIDDLE, 55, WORK, "names matched, split drawn", "data/, experiment/labelled.py"),
    "sequences": (RIGHT, 55, INPUT, "sequences", "FASTA, GenBank, EMBL, a table"),
    "pixels": (LEFT, 150, WORK, "pixels, decoded once", "data/images.py, data/store.py"),
    "stage1": (MIDDLE, 150, WORK, "stage 1: learnt from images", "training/pretrain.py, losses/"),
    "vectors": (RIGHT, 150, DNA, "a vector a sequence", "sgt_dna.embed"),
    "brought": (LEFT, 245, INPUT, "or features of any model", "--features: data/features.py"),
    "features": (MIDDLE, 245, WORK, "features of every image", "evaluation/embed.py"),
    "anchors": (RIGHT, 245, DNA, "an anchor a species", "genetics/anchors.py"),
    "stage2": (MIDDLE, 340, WORK, "stage 2: drawn to anchors", "training/align.py"),
    "targets": (RIGHT, 340, DNA, "or a control in their place", "genetics/controls.py"),
    "classifiers": (MIDDLE, 435, WORK, "classifiers", "evaluation/classifiers/, kriging/"),
    "distances": (RIGHT, 435, DNA, "distances of the sequences", "genetics/distances/"),
    "metrics": (MIDDLE, 530, RESULT, "the test, met once", "experiment/results.py: metrics.json"),
    "report": (LEFT, 635, RESULT, "report.html", "report/"),
    "predict": (MIDDLE, 635, RESULT, "new pictures, sequences", "prediction/"),
    "export": (RIGHT, 635, RESULT, "a model without visgen", "export/"),
}
"""Where each stands, its colour, what it is and where it is made."""

ARROWS: Final = [
    *(("images", "match"), ("sequences", "match"), ("images", "pixels"), ("sequences", "vectors")),
    *(("pixels", "stage1"), ("match", "stage1"), ("stage1", "features"), ("brought", "features")),
    *(("vectors", "anchors"), ("anchors", "targets"), ("targets", "stage2"), ("features", "stage2")),
    *(("stage2", "classifiers"), ("distances", "classifiers"), ("classifiers", "metrics")),
    *(("metrics", "report"), ("metrics", "predict"), ("metrics", "export")),
]


def ends(one: str, other: str) -> tuple[float, float, float, float]:
    """From the side of a box that faces another to the side of that one."""
    (x, y), (u, v) = BOXES[one][:2], BOXES[other][:2]
    middle, half = WIDTH / 2, HEIGHT / 2
    if y != v:
        return x + middle, y + HEIGHT, u + middle, v
    return (x + WIDTH, y + half, u, v + half) if x < u else (x, y + half, u + WIDTH, v + half)


def box(x: int, y: int, colour: str, title: str, place: str) -> str:
    """A rectangle with two lines of text."""
    middle = x + WIDTH / 2
    return (
        f'<rect x="{x}" y="{y}" width="{WIDTH}" height="{HEIGHT}" rx="8" fill="{colour}" stroke="#8a8678"/>\n'
        f'<text x="{middle}" y="{y + 25}" font-size="15" font-weight="600">{escape(title)}</text>\n'
        f'<text x="{middle}" y="{y + 45}" font-size="12.5" fill="#4a4a4a">{escape(place)}</text>\n'
    )


def drawn() -> str:
    """The whole picture, on a ground of its own, so that it is as legible on a dark page as on a light one."""
    width, height = SIZE
    lines = (
        '<line x1="{}" y1="{}" x2="{}" y2="{}" stroke="#55534c" stroke-width="1.6" marker-end="url(#tip)"/>\n'.format(
            *ends(*pair)
        )
        for pair in ARROWS
    )
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}" role="img" '
        'font-family="system-ui, sans-serif" text-anchor="middle" fill="#1d1d1b">\n'
        "<title>From images and sequences to report, prediction and export</title>\n"
        '<defs><marker id="tip" viewBox="0 0 8 8" refX="7.5" refY="4" markerWidth="7" markerHeight="7" '
        'orient="auto"><path d="M0 0 8 4 0 8z" fill="#55534c"/></marker></defs>\n'
        f'<rect width="{width}" height="{height}" rx="14" fill="#fdfcf8"/>\n'
        f'<text x="{width / 2}" y="32" font-size="14" fill="#4a4a4a">grey: brought by the user; blue: images; '
        "green: DNA; orange: results</text>\n"
        + "".join(lines)
        + "".join(box(*held) for held in BOXES.values())
        + "</svg>\n"
    )


if __name__ == "__main__":
    PLACE.write_text(drawn(), encoding="utf-8")
