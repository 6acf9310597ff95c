"""The blocks of a Markdown page, the commands and the output in them; docs/run_pages.py says how pages are written."""

import re
import shlex
import textwrap
from collections.abc import Iterable
from dataclasses import dataclass

FENCE = re.compile(
    r"^(?:[ ]*<!--[ ]*not[ ]run(?P<reason>(?:(?!-->).)*)-->\n\n?)?"
    r"^(?P<indent>[ ]*)```(?P<language>\w+).*?\n(?P<text>.*?)^(?P=indent)```",
    re.DOTALL | re.MULTILINE,
)
MARK = re.compile(r"^[ ]*<!--[ ]*not[ ]run", re.MULTILINE)
FILE = re.compile(r"# ([\w./-]+\.\w+)\n")
HEREDOC = re.compile(r"(?<!<)<<-?\s*(['\"]?)(\w+)\1")
DROPPED = re.compile(r"^(?:pip install [^&]*&& *)?(?:uv run +)?")
EXIT = re.compile(r" # exit code (\d+)$")


@dataclass(frozen=True)
class Block:
    """A fenced block: the line where it begins, its language, its text, and the reason for which it is not run."""

    line: int
    language: str
    text: str
    reason: str = ""


def blocks(text: str) -> list[Block]:
    """The blocks of a page that are run, saved, or said not to be run.

    Raises
    ------
    ValueError
        A "not run" without a reason, or without a block after it.
    """
    found = []
    for match in FENCE.finditer(text):
        line = text.count("\n", 0, match.start("language")) + 1
        reason = match["reason"]
        if reason is not None and not reason.strip(": \n"):
            raise ValueError(f"line {line}: say why: <!-- not run: REASON -->")
        block = Block(line, match["language"], textwrap.dedent(match["text"]), (reason or "").strip(": \n"))
        if block.reason or block.language in ("console", "python") or FILE.match(block.text):
            found.append(block)
    if len(MARK.findall(text)) != sum(bool(block.reason) for block in found):
        raise ValueError("a <!-- not run: REASON --> does not stand right before a block")
    return found


def session(text: str) -> tuple[list[str], list[str]]:
    """The commands of a console block as they are run, and the lines of output that it shows."""
    commands: list[str] = []
    shown: list[str] = []
    for line in text.splitlines():
        if commands and _is_open(commands[-1]):
            commands[-1] += f"\n{line}"
        elif line.startswith("$ "):
            commands.append(DROPPED.sub("", line[2:]))
        else:
            shown.append(line)
    return [_expecting(command) for command in commands if not command.startswith("pip install ")], shown


def _expecting(command: str) -> str:
    """A command that must end with the exit code it is shown with."""
    code = EXIT.search(command)
    return command if code is None else f"{{ {command}\n}} && code=0 || code=$?; test $code = {code[1]}"


def _is_open(command: str) -> bool:
    """Whether a command goes on in the next line."""
    heredoc = HEREDOC.search(command)
    if heredoc is not None:
        return heredoc[2] not in command.splitlines()[1:]
    try:
        shlex.split(command, comments=True)
    except ValueError:  # a quote, or a backslash at the end
        return True
    return False


def missing(shown: Iterable[str], printed: str) -> str | None:
    """The first line of those that are compared which is not in what was printed, after those before it."""
    lines = iter([" ".join(line.split()) for line in printed.splitlines()])
    wanted = (" ".join(line.split()) for line in shown)  # columns are as wide as what stands in them
    compared = (line for line in wanted if line and not re.search(r"\d|\.\.\.|…", line))
    return next((line for line in compared if line not in lines), None)
