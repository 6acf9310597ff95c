"""Fault 11: a full disk, a read-only folder, a kill at each write, fsync and rename. The old file, or the new one.

Every kind of file a run writes goes through here; vectors of sgt-dna go through its own test_storage_faults.py.
"""

import json
import shutil
import signal
import subprocess
import sys
from pathlib import Path

import pytest
from visgen_train.errors import UsageError
from visgen_train.io.atomic import write_text
from visgen_train.training.rundir import RunFolder

CHILD = Path(__file__).with_name("writers_child.py")
WRITERS = ("Json", "Log", "Network", "Resume", "Cells", "Features")
OWN_MOUNTS = ["unshare", "--user", "--map-root-user", "--mount", "sh", "-c"]

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="limits, kills and mounts as Linux has them")


def child(*words, prefix=()):
    done = subprocess.run(
        [*prefix, sys.executable, str(CHILD), *map(str, words)], capture_output=True, text=True
    )
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


@pytest.fixture(scope="module")
def ends(tmp_path_factory):
    return child("both", tmp_path_factory.mktemp("writers"))


def test_killed_at_every_moment_of_writing(ends):
    found = [end for end in ends if end["way"] == "kills"]
    for writer in WRITERS:
        made = [end for end in found if end["writer"] == writer]
        left = [end["left"] for end in made]
        assert len(made) > 5, writer
        assert left == sorted(left)
        assert set(left) == {1, 2}
        assert [end["code"] for end in made] == [-signal.SIGKILL] * (len(made) - 1) + [0]
        assert all(end["again"] and end["hidden"] <= 1 for end in made)
    print(f"killed {len(found) - len(WRITERS)} times in {len(WRITERS)} writers")


def test_a_file_that_may_not_grow(ends):
    found = [end for end in ends if end["way"] == "limits"]
    assert len(found) == len(WRITERS) * 4 * 2
    for end in found:
        assert (end["left"], end["again"]) == (1, True), end
        assert end["code"] == (-signal.SIGXFSZ if end["killed"] else 1), end
        assert end["killed"] or not end["hidden"]


def mounted(options, folder, *command):
    """A command with a file system of its own in a folder; skips where there can be none."""
    if shutil.which("unshare") is None:
        pytest.skip("no unshare here to mount a small disk with")
    mount = f'mount -t tmpfs -o {options} none "$0"'
    probe = subprocess.run([*OWN_MOUNTS, mount, str(folder)], capture_output=True, text=True)
    if probe.returncode:
        pytest.skip(f"a small disk cannot be mounted here: {probe.stderr.strip()}")
    return [*OWN_MOUNTS, f'{mount} && exec "$@"', str(folder), *command]


def test_a_disk_that_is_full(tmp_path):
    found = child("full", tmp_path, prefix=mounted("size=512k", tmp_path))
    assert [end["writer"] for end in found] == list(WRITERS)
    for end in found:
        assert (end["code"], end["left"], end["hidden"], end["again"]) == (1, 1, 0, True), end


def test_a_folder_that_is_read_only_is_named(tmp_path):
    program = (
        "import sys, pathlib; from visgen_train.training.rundir import RunFolder\n"
        "with RunFolder(pathlib.Path(sys.argv[1])): pass"
    )
    command = mounted("ro", tmp_path, sys.executable, "-c", program, str(tmp_path))
    done = subprocess.run(command, capture_output=True, text=True)
    assert done.returncode == 1
    assert f"UsageError: {tmp_path} cannot be written to (Read-only file system)" in done.stderr


def test_a_folder_without_the_right_to_write(tmp_path, monkeypatch):
    def refused(*arguments, **options):
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr("tempfile.mkstemp", refused)
    with pytest.raises(PermissionError):
        write_text(tmp_path / "a.txt", "new")
    monkeypatch.setattr("visgen_train.training.rundir.FileLock.acquire", refused)
    with (
        pytest.raises(UsageError, match=r"cannot be written to \(Permission denied\)"),
        RunFolder(tmp_path / "run"),
    ):
        pass
