"""What makes one site of the pages in docs/, those beside it, and what the code says.

- Pages outside docs/, such as README.md, are shown as pages of the folder project/, which is written at build time.
- Links from page to page work here as they do in the repository, wherever the pages lie.
- What a page would fetch from another host is an error.
- A line ``<!-- from the code: NAME -->`` is replaced by what the function NAME of `FILLS` returns.
"""

import os
import re
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from _ext import commands, contents, settings
from pygments.lexers.python import PythonLexer

if TYPE_CHECKING:
    from sphinx.application import Sphinx

DOCS: Final = Path(__file__).parents[1]
ROOT: Final = DOCS.parent

OUTSIDE: Final = {
    "README.md": "start",
    "packages/sgt-dna/README.md": "sgt-dna",
    "packages/visgen-train/README.md": "visgen-train",
    "SECURITY.md": "security",
    "CONTRIBUTING.md": "contributing",
    "packages/sgt-dna/CHANGELOG.md": "changes-sgt-dna",
    "packages/visgen-train/CHANGELOG.md": "changes-visgen-train",
}
"""File of the repository -> name of its page."""

FILLS: Final[dict[str, Callable[[], str]]] = {
    "contents": lambda: contents.index((DOCS / "README.md").read_text(encoding="utf-8")),
    "visgen": commands.visgen_page,
    "sgt-dna": commands.sgt_dna_page,
    "settings": settings.fields,
    "presets": settings.presets,
    "recipes": settings.recipes,
}

LINK: Final = re.compile(r"(\]\(|<)([^\s()<>#:]+\.\w+)(#[\w-]*)?(?=[)>])")
FETCHED: Final = re.compile(r'<(?:script|link|img|iframe|source)\b[^>]*\b(?:src|href)="(?:https?:)?//[^"]*"')
FILL: Final = re.compile(r"^<!-- from the code: ([\w-]+) -->$", re.MULTILINE)


def linked(text: str, origin: str, page: str) -> str:
    """The text of the file `origin` with its links to files of the repository made to lead there from `page`.

    Both are relative to the repository. What is no file there is left as it is, such as code that looks like a link.
    """

    def moved(found: re.Match[str]) -> str:
        opening, target, anchor = found.groups()
        path = os.path.normpath(Path(origin).parent / target)
        if target.startswith("/") or not (ROOT / path).is_file():
            return found[0]
        return f"{opening}{os.path.relpath(_page_of(path), Path(page).parent)}{anchor or ''}"

    return LINK.sub(moved, text)


def _page_of(path: str) -> str:
    if path == "docs/README.md":
        return "docs/index.md"
    return f"docs/project/{OUTSIDE[path]}.md" if path in OUTSIDE else path


def filled(text: str) -> str:
    """The text with what the code says in the places marked for it."""
    return FILL.sub(lambda found: FILLS[found[1]](), text)


def write_outside(app: "Sphinx", config: Any) -> None:
    """Copy the pages outside docs/ into project/; one that has not changed is left, so that it is not built anew."""
    folder = DOCS / "project"
    folder.mkdir(exist_ok=True)
    for source, name in OUTSIDE.items():
        page = folder / f"{name}.md"
        text = linked((ROOT / source).read_text(encoding="utf-8"), source, f"docs/project/{name}.md")
        if not page.exists() or page.read_text(encoding="utf-8") != text:
            page.write_text(text, encoding="utf-8")


def read(app: "Sphinx", name: str, source: list[str]) -> None:
    """Fill a page as it is read, and mend its links; those in project/ are mended already."""
    source[0] = filled(source[0])
    if not name.startswith("project/"):
        source[0] = linked(source[0], f"docs/{name}.md", f"docs/{name}.md")


def check_fetched(app: "Sphinx", exception: Exception | None) -> None:
    """Refuse a site whose pages ask other hosts for scripts, styles or pictures."""
    found = [
        f"{path.relative_to(app.outdir)}: {fetched}"
        for path in ([] if exception else sorted(app.outdir.rglob("*.html")))
        for fetched in FETCHED.findall(path.read_text(encoding="utf-8"))
    ]
    if found:
        raise RuntimeError("\n".join(["These would be fetched from outside:", *found]))


def setup(app: "Sphinx") -> dict[str, Any]:
    """Called by Sphinx."""
    app.connect("config-inited", write_outside)
    app.connect("source-read", read)
    app.connect("build-finished", check_fetched)
    app.add_lexer("snakemake", PythonLexer)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
