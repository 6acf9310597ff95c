"""The examples of docs/export.md, as they stand there: they name the species that the run's own code names."""

import re
import runpy
import subprocess
import sys
from pathlib import Path

import numpy as np
import torch
from visgen_train.export import read_run, species_network

PAGE = Path(__file__).parents[4] / "docs" / "export.md"
WITH_ONNX, WITH_NUMBERS = re.findall(r"```python\n(.*?)```", PAGE.read_text(encoding="utf-8"), re.DOTALL)
GUARD = "import sys\nfor name in ('torch', 'visgen_train'):\n    sys.modules[name] = None\n"


def test_pictures_are_named_by_onnxruntime_without_visgen(finished, exported, tested, pixels, tmp_path):
    out = exported("onnx", "aligned").model.parent
    (tmp_path / "name_species.py").write_text(GUARD + WITH_ONNX)
    words = [sys.executable, tmp_path / "name_species.py", out, *tested]
    done = subprocess.run(words, capture_output=True, text=True, check=True)
    rows = [line.split("\t") for line in done.stdout.splitlines()]
    with torch.no_grad():
        wanted = species_network(read_run(finished))(torch.from_numpy(pixels))[1]
    species = read_run(finished).species
    assert [row[0] for row in rows[::3]] == list(map(str, tested))
    assert [row[1] for row in rows[::3]] == [species[best] for best in wanted.argmax(1)]
    shares = np.array([[float(row[2]) for row in rows if row[1] == name] for name in species])
    np.testing.assert_allclose(shares.T, wanted, atol=6e-4)  # they are printed with three digits
    assert (shares < 0.9).all(0).any()  # not all of them are sure


def test_the_numbers_alone_in_a_network_built_by_hand(finished, exported, pixels, tmp_path):
    model = exported("safetensors", "aligned").model
    (tmp_path / "numbers.py").write_text(WITH_NUMBERS)
    example = runpy.run_path(str(tmp_path / "numbers.py"))
    with torch.no_grad():
        wanted = species_network(read_run(finished))(torch.from_numpy(pixels))[1]
    found = example["probabilities"](torch.from_numpy(pixels), *example["load"](model))
    torch.testing.assert_close(found, wanted, rtol=1e-4, atol=1e-5)
