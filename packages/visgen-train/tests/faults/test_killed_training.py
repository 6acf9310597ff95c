"""Faults 11 and 23: kill -9 at a random moment of a training, then --resume: the same weights, bit for bit.

`nox -s faults` sets VISGEN_KILLS to more kills than there is time for in the ordinary tests.
"""

import collections
import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

KILLS = int(os.environ.get("VISGEN_KILLS", "3"))


@pytest.mark.skipif(sys.platform == "win32", reason="forks and kills as Unix has them")
def test_killed_anywhere_a_run_goes_on_to_the_same_weights(collection):
    child = Path(__file__).with_name("training_child.py")
    environment = {**os.environ, "OMP_NUM_THREADS": "1"}
    command = [sys.executable, str(child), str(collection), str(KILLS), "7"]
    done = subprocess.run(command, capture_output=True, text=True, env=environment)
    assert done.returncode == 0, done.stderr
    found = json.loads(done.stdout)
    kills = [kill for trial in found["trials"] for kill in trial["kills"]]
    told = collections.Counter(f"{kill['way']} in {kill['stage']}" for kill in kills)
    print(f"killed {len(kills)} times in {len(found['trials'])} runs: {dict(told)}")
    assert len(kills) >= KILLS
    for trial in found["trials"]:
        assert trial["ended"], trial
        assert trial["same"], trial
        assert trial["files"] == found["files"], trial["kills"]
