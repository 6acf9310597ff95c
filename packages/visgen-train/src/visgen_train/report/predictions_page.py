"""The page of `visgen predict --html`: every picture with what is said of it, self-contained."""

from collections.abc import Iterable
from dataclasses import replace
from functools import lru_cache
from importlib.metadata import version
from pathlib import Path
from typing import Any, Final

from visgen_train.data.images import Policy
from visgen_train.io.atomic import write_text
from visgen_train.io.cells import visible
from visgen_train.prediction.answers import Answer, Answers
from visgen_train.prediction.predictor import Predictor
from visgen_train.prediction.sources import Source, decoded
from visgen_train.report.page import render
from visgen_train.report.thumbnails import jpeg

THUMBNAIL: Final = 96
MOST: Final = 1000
"""Pictures on a page: some 10 MB."""


def write_predictions(path: Path, answers: Answers, predictor: Predictor) -> None:
    """Write the page. File names and species are escaped, and the page loads nothing.

    Pictures are read once more, from the paths of the answers; those that are gone, and training pictures that moved,
    are left out.
    """
    shown = answers[:MOST]
    policy = replace(predictor.policy, image_size=THUMBNAIL, colour="auto")
    pictures = _thumbnails((Path(one.file) for one in shown if one.problem is None), policy)

    @lru_cache(maxsize=4096)
    def training(file: str) -> str | None:
        return next(iter(_thumbnails([predictor.images / file], policy)), None)

    rows = [_row(one, next(pictures) if one.problem is None else None, training) for one in shown]
    page = render(
        "predictions.html.j2",
        answers=answers,
        rows=rows,
        run=visible(str(predictor.folder)),
        most=MOST,
        version=version("visgen-train"),
    )
    write_text(path, page)


def _row(answer: Answer, picture: str | None, training: Any) -> dict[str, Any]:
    return {
        "answer": answer,
        "file": visible(answer.file),
        "text": visible(answer.text),
        "problem": visible(answer.problem or ""),
        "picture": picture,
        "nearest": [(visible(file), training(file)) for file in answer.nearest],
    }


def _thumbnails(files: Iterable[Path], policy: Policy) -> Any:
    """Data URIs; None for what cannot be read."""
    for pixels, _ in decoded((Source(str(file), file) for file in files), policy):
        yield None if pixels is None else jpeg(pixels)
