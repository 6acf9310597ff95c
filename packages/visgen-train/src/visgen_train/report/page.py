"""The frame of every report: one file that loads nothing, whose scripts are known by their hashes."""

import base64
import hashlib
from collections.abc import Iterable
from functools import cache
from importlib.resources import files
from statistics import fmean
from typing import Any

from jinja2 import Environment, PackageLoader
from markupsafe import Markup

from visgen_train.io.cells import visible
from visgen_train.report import summary

POLICY = (
    "default-src 'none'; img-src data:; style-src 'unsafe-inline'; script-src {hashes}; base-uri 'none'; "
    "form-action 'none'"
)
"""Styles are not hashed, since figures hold style attributes; nothing that came from outside can become one."""


def render(name: str, plots: bool = False, **content: Any) -> str:
    """A page from its template: everything is escaped in it, and no hidden character gets through.

    Parameters
    ----------
    name : str
        Of the template.
    plots : bool
        Put plotly.js in, 5 MB.
    **content
        What the template shows.
    """
    scripts = [*([_plotly()] if plots else []), _shipped("report.js")]
    policy = POLICY.format(hashes=" ".join(map(_hashed, scripts)))
    frame = {"policy": policy, "style": Markup(_shipped("report.css")), "scripts": list(map(Markup, scripts))}
    return _environment().get_template(name).render(**frame, **content)


@cache
def _environment() -> Environment:
    environment = Environment(
        loader=PackageLoader("visgen_train.report"), autoescape=True, trim_blocks=True, finalize=_shown
    )
    environment.filters.update(
        percent=summary.percent,
        span=summary.span,
        points=summary.points,
        value=_value,
        count=len,
        average=fmean,
    )
    return environment


def _shown(value: object) -> object:
    """What a page shows of a value: hidden characters written out, line ends kept."""
    if isinstance(value, str) and not hasattr(value, "__html__"):
        return "\n".join(map(visible, value.split("\n")))
    return value


def _value(value: str | int | float | None) -> str:
    """A number of a figure's table."""
    if isinstance(value, float):
        return f"{value:.4g}".replace("-", "−") if value == value else "–"
    return "–" if value is None else str(value)


@cache
def _plotly() -> str:
    return _script(files("plotly").joinpath("package_data", "plotly.min.js").read_text(encoding="utf-8"))


@cache
def _shipped(name: str) -> str:
    return files("visgen_train.report").joinpath("templates", name).read_text(encoding="utf-8")


def _script(text: str) -> str:
    """A script that may stand within a page.

    Raises
    ------
    ValueError
        It would end the element it stands in.
    """
    if "</script" in text.lower() or "<!--" in text:
        raise ValueError("this plotly.js cannot stand within a page; install another version of plotly")
    return text.replace("\r\n", "\n").replace("\r", "\n")


def _hashed(script: str) -> str:
    return f"'sha256-{base64.b64encode(hashlib.sha256(script.encode()).digest()).decode()}'"


def joined(names: Iterable[str]) -> str:
    """`a`, `a and b`, `a, b and c`."""
    *rest, last = names
    return f"{', '.join(rest)} and {last}" if rest else last
