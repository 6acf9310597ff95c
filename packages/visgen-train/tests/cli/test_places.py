"""Places that cannot be read or written, and a process that is ended: a message or an exit code, no traceback."""

import os
import signal
import sys
import tempfile
from pathlib import Path

import pytest
from typer.testing import CliRunner
from visgen_train.cli import main as entry

LONG = "x" * 300
PIPES = {
    "features": "run --features pipe.npz sequences.fasta --out out",
    "zip": "prepare endless-forams pipe.zip out",
}
TOO_LONG = (
    f"check images sequences.fasta --suggest-names {LONG}.csv",
    f"run images sequences.fasta --out {LONG}",
    f"simulate {LONG}",
    "simulate sequences.fasta/below",
    f"fetch-sequences split.csv --email a@b -o {LONG}.gb",
)


def visgen(call):
    return CliRunner().invoke(entry.app, call.split())


@pytest.mark.skipif(sys.platform == "win32", reason="has no named pipes in folders")
@pytest.mark.parametrize("what", PIPES)
def test_a_pipe_is_not_waited_for(spoilt, what):
    for ending in ("npz", "zip"):
        os.mkfifo(spoilt.folder / f"pipe.{ending}")
    result = visgen(PIPES[what])
    assert result.exit_code == 1
    assert "cannot be read (is not a regular file)" in result.output


@pytest.mark.usefixtures("spoilt")
@pytest.mark.parametrize("call", TOO_LONG, ids=lambda call: call.split()[0])
def test_a_place_that_cannot_be_is_named(call):
    result = visgen(call)
    assert result.exit_code in (1, 2)
    assert isinstance(result.exception, SystemExit)
    assert "visgen: error: " in result.stderr


def test_a_process_that_is_ended_leaves_no_scratch_folder(tmp_path, monkeypatch):
    """As by `kill`, or a cluster's time limit; what is half written would else stay."""

    def draws():
        with tempfile.TemporaryDirectory(dir=tmp_path):
            assert [*tmp_path.iterdir()]
            os.kill(os.getpid(), signal.SIGTERM)

    monkeypatch.setattr(entry, "app", draws)
    before = signal.getsignal(signal.SIGTERM)
    try:
        with pytest.raises(SystemExit) as ended:
            entry.main()
    finally:
        signal.signal(signal.SIGTERM, before)
    assert ended.value.code == 143
    assert not [*Path(tmp_path).iterdir()]
