"""The `visgen` that pages run (docs/run_pages.py): the command as typed, made quick.

What a page does not type itself of `ADDED` is added to `run`, `train` and `ablate`, and to an ablation `--seeds 2`;
`demo` draws a smaller set and has the same settings. So the line that is tested is the line that is shown, apart from
how long it takes and how well the network comes to know its species.
"""

import sys
from collections.abc import Sequence

from visgen_train.cli import demo
from visgen_train.cli.main import main

SETTINGS = ("train.epochs=1", "data.image_size=32", "evaluate.bootstrap=200")
ADDED = ("--preset light", "--weights none", *(f"--set {setting}" for setting in SETTINGS))
SMALL_SET = {"species": 12, "images_max": 16, "validation": 4, "test": 6, "size": 32}
"""Of `BenchmarkParams`: a simulated set of some 200 pictures, drawn in a second or two."""


def quick(words: Sequence[str]) -> list[str]:
    """The words of a command line, and those that make it quick."""
    line, verb = " ".join(words), words[0] if words else ""
    if verb == "demo":
        return [*words, "--quick"]
    if verb not in {"run", "train", "ablate"}:
        return [*words]
    added = (*ADDED, "--seeds 2") if verb == "ablate" else ADDED
    chosen = [option for option in added if _setting(option) not in line]
    return [*words, *(word for option in chosen for word in option.split())]


def _setting(option: str) -> str:
    """What says that an option is typed already: its name, or that of the setting."""
    name, value = option.split()
    return value.partition("=")[0] if name == "--set" else name


if __name__ == "__main__":
    demo.QUICK_SET = SMALL_SET
    demo.QUICK_SETTINGS = list(SETTINGS)
    sys.argv = ["visgen", *quick(sys.argv[1:])]
    main()
