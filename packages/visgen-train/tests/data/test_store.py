"""The store of decoded pictures: made once, gone on with, and never trusted where something changed."""

import json
import os
import subprocess
import sys
import zlib
from pathlib import Path

import numpy as np
import pytest
from PIL import Image
from visgen_train.data import images, store
from visgen_train.data.images import Policy, decode_all
from visgen_train.data.store import MANIFEST, PIXELS, open_store
from visgen_train.errors import DataError, UsageError

POLICY = Policy(8)
FILES = [f"{number}.png" for number in range(5)]
EVERY = np.arange(5)


@pytest.fixture
def pictures(tmp_path):
    root = tmp_path / "images"
    root.mkdir()
    for number, file in enumerate(FILES):
        Image.new("L", (8, 8), 10 * number).save(root / file)
    return root


@pytest.fixture
def decodings(monkeypatch):
    """How many pictures are decoded."""
    calls = []

    def counting(content, *arguments):
        calls.append(len(content))
        return original(content, *arguments)

    original = images.decode
    monkeypatch.setattr(images, "decode", counting)
    return calls


def test_a_store_holds_what_decoding_gives(tmp_path, pictures):
    plain = decode_all(pictures, FILES, POLICY, tmp_path)
    for _ in range(2):
        stored = open_store(tmp_path / "store", pictures, FILES, POLICY)
        assert (stored.pixels[EVERY] == plain.pixels[EVERY]).all()
        assert stored.pixels.shape == plain.pixels.shape == (5, 3, 8, 8)
        assert stored.sha256 == plain.sha256
        assert len(stored.pixels) == 5


def test_it_is_made_once(tmp_path, pictures, decodings):
    open_store(tmp_path / "store", pictures, FILES, POLICY)
    assert len(decodings) == 5
    open_store(tmp_path / "store", pictures, FILES, POLICY)
    assert len(decodings) == 5


def test_an_order_or_a_part_of_its_own_and_pictures_added_later(tmp_path, pictures, decodings):
    open_store(tmp_path / "store", pictures, ["1.png", "3.png"], POLICY)
    stored = open_store(tmp_path / "store", pictures, ["4.png", "3.png"], POLICY)
    assert stored.pixels[np.array([0, 1])][:, 0, 0, 0].tolist() == [40, 30]
    assert len(decodings) == 3


def test_opening_reads_neither_files_nor_pixels(tmp_path, pictures, monkeypatch):
    open_store(tmp_path / "store", pictures, FILES, POLICY)

    def refused(*arguments):
        raise AssertionError("read")

    for name in ("fromfile", "load", "frombuffer"):
        monkeypatch.setattr(np, name, refused)
    monkeypatch.setattr(store, "_hashed", refused)
    monkeypatch.setattr(images, "decode", refused)
    stored = open_store(tmp_path / "store", pictures, FILES, POLICY)
    assert stored.pixels[np.array([4, 1])][:, 0, 0, 0].tolist() == [40, 10]


@pytest.mark.parametrize("damage", ["one bit", "zeros"])
def test_damaged_pixels_are_found_when_they_are_first_read(tmp_path, pictures, damage):
    open_store(tmp_path / "store", pictures, FILES, POLICY)
    path = tmp_path / "store" / PIXELS
    content = bytearray(path.read_bytes())
    content[3 * 192 : 4 * 192] = bytes(192) if damage == "zeros" else content[3 * 192 : 4 * 192]
    content[3 * 192 + 100] ^= damage == "one bit"
    path.write_bytes(content)
    stored = open_store(tmp_path / "store", pictures, FILES[1:], POLICY)
    message = r"pixels.u8: the pixels of '3.png' are damaged\. Name another folder by --store, or delete"
    for _ in range(2):
        with pytest.raises(DataError, match=message):
            stored.pixels[np.array([1, 2])]
    assert stored.pixels[np.array([3, 0])][:, 0, 0, 0].tolist() == [40, 10]


def test_each_picture_is_checked_once(tmp_path, pictures, monkeypatch):
    stored = open_store(tmp_path / "store", pictures, FILES, POLICY)
    checked = []
    original = zlib.crc32
    monkeypatch.setattr(store.zlib, "crc32", lambda pixels: checked.append(1) or original(pixels))
    for rows in ([0, 3], [3, 4], [0, 0, 4]):
        stored.pixels[np.array(rows)]
    assert len(checked) == 3


def test_a_store_of_an_earlier_form_is_named(tmp_path, pictures):
    open_store(tmp_path / "store", pictures, FILES, POLICY)
    manifest = tmp_path / "store" / MANIFEST
    head, *lines = manifest.read_text().splitlines()
    earlier = [
        json.dumps({**json.loads(head), "visgen_store": 1}),
        *(json.dumps(json.loads(line)[:5]) for line in lines),
    ]
    manifest.write_text("\n".join(earlier) + "\n")
    with pytest.raises(UsageError, match=r"decoded otherwise \(visgen_store was 1, now 2\)\. Name another"):
        open_store(tmp_path / "store", pictures, FILES, POLICY)


@pytest.mark.skipif(sys.platform != "linux", reason="reads /proc")
def test_opening_takes_no_memory_for_the_pixels(tmp_path, pictures):
    open_store(tmp_path / "store", pictures, FILES, POLICY)
    with (tmp_path / "store" / PIXELS).open("r+b") as pixels:
        pixels.truncate(1 << 31)
    lines = (tmp_path / "store" / MANIFEST).read_text().splitlines(keepends=True)
    row, *rest, _ = json.loads(lines[-1])
    last = json.dumps([(1 << 31) // 192 - 1, *rest, zlib.crc32(bytes(192))])
    (tmp_path / "store" / MANIFEST).write_text("".join([*lines[:-1], last + "\n"]))

    def resident():
        return int(Path("/proc/self/statm").read_text().split()[1]) * os.sysconf("SC_PAGE_SIZE")

    before = resident()
    stored = open_store(tmp_path / "store", pictures, FILES, POLICY)
    assert row == 4
    assert stored.pixels[np.array([4])].max() == 0
    assert resident() - before < 50e6


def test_new_times_with_the_same_content_are_hashed_once(tmp_path, pictures, monkeypatch, decodings):
    open_store(tmp_path / "store", pictures, FILES, POLICY)
    os.utime(pictures / "2.png", (1, 1))
    hashed = []
    original = store._hashed
    monkeypatch.setattr(store, "_hashed", lambda path: hashed.append(path.name) or original(path))
    for _ in range(2):
        open_store(tmp_path / "store", pictures, FILES, POLICY)
    assert hashed == ["2.png"]
    assert len(decodings) == 5


def test_pictures_that_moved_are_known_by_their_content(tmp_path, pictures, decodings):
    open_store(tmp_path / "store", pictures, FILES, POLICY)
    moved = pictures.rename(tmp_path / "elsewhere")
    assert len(open_store(tmp_path / "store", moved, FILES, POLICY).pixels) == 5
    assert len(decodings) == 5


def test_a_changed_picture_is_refused_even_with_its_old_time(tmp_path, pictures):
    open_store(tmp_path / "store", pictures, FILES, POLICY)
    before = (pictures / "2.png").stat()
    content = bytearray((pictures / "2.png").read_bytes())
    content[-1] ^= 1
    (pictures / "2.png").write_bytes(content)
    os.utime(pictures / "2.png", ns=(before.st_atime_ns, before.st_mtime_ns))
    with pytest.raises(
        DataError, match=r"1 pictures in .* are not those the store was made from, first '2.png'"
    ):
        open_store(tmp_path / "store", pictures, FILES, POLICY)


def test_a_picture_that_is_gone_is_named(tmp_path, pictures):
    open_store(tmp_path / "store", pictures, FILES, POLICY)
    (pictures / "3.png").unlink()
    with pytest.raises(DataError, match=r"3.png: No such file"):
        open_store(tmp_path / "store", pictures, FILES, POLICY)


def test_another_policy_is_refused(tmp_path, pictures):
    open_store(tmp_path / "store", pictures, FILES, POLICY)
    for policy, told in (
        (Policy(16), "image_size was 8, now 16"),
        (Policy(8, "grey"), "colour was auto, now grey"),
        (Policy(8, white=4095), "white was 65535, now 4095"),
        (Policy(8, version=0), "version was 1, now 0"),
    ):
        with pytest.raises(
            UsageError, match=f"decoded otherwise .{told}.. Name another folder by --store, or delete"
        ):
            open_store(tmp_path / "store", pictures, FILES, policy)


def test_a_store_of_other_pictures_is_refused(tmp_path, pictures):
    open_store(tmp_path / "store", pictures, FILES[:2], POLICY)
    with pytest.raises(DataError, match="a store of other pictures, none of those in"):
        open_store(tmp_path / "store", pictures, FILES[2:], POLICY)


def test_a_folder_with_other_things_is_not_touched(tmp_path, pictures):
    with pytest.raises(UsageError, match="is no store of pictures"):
        open_store(pictures, pictures, FILES, POLICY)
    with pytest.raises(UsageError, match="is no store of pictures"):
        open_store(pictures / "1.png", pictures, FILES, POLICY)
    assert sorted(path.name for path in pictures.iterdir()) == FILES


def test_what_is_good_is_kept_when_a_picture_is_bad(tmp_path, pictures, decodings):
    good = (pictures / "1.png").read_bytes()
    (pictures / "1.png").write_bytes(b"no picture")
    for _ in range(2):
        with pytest.raises(DataError, match=r"1 of 5 images cannot be read:\n.*1.png: cannot be decoded"):
            open_store(tmp_path / "store", pictures, FILES, POLICY)
    (pictures / "1.png").write_bytes(good)
    stored = open_store(tmp_path / "store", pictures, FILES, POLICY)
    assert stored.pixels[EVERY][:, 0, 0, 0].tolist() == [0, 10, 20, 30, 40]
    assert len(decodings) == 7  # five, the bad one again, and the mended one


def test_a_killed_process_loses_only_what_is_under_way(tmp_path, pictures, monkeypatch, decodings):
    code = (
        "import os, sys; from pathlib import Path; from visgen_train.data import images, store\n"
        "images.BATCH = store.BATCH = 2; decode = images.decode\n"
        "def deadly(content, *rest):\n"
        "    if content == (Path(sys.argv[2]) / '4.png').read_bytes(): os.kill(os.getpid(), 9)\n"
        "    return decode(content, *rest)\n"
        "images.decode = deadly\n"
        f"store.open_store(Path(sys.argv[1]), Path(sys.argv[2]), {FILES}, images.Policy(8))\n"
    )
    arguments = [sys.executable, "-c", code, str(tmp_path / "store"), str(pictures)]
    assert subprocess.run(arguments, check=False).returncode == -9
    with (tmp_path / "store" / MANIFEST).open("ab") as manifest:
        manifest.write(b'[4, "4.png", ')  # a line that was cut off
    stored = open_store(tmp_path / "store", pictures, FILES, POLICY)
    again = len(decodings)
    assert 1 <= again <= 3  # the deadly one, and at most a batch that was being filled
    assert stored.pixels[EVERY][:, 0, 0, 0].tolist() == [0, 10, 20, 30, 40]
    open_store(tmp_path / "store", pictures, FILES, POLICY)
    assert len(decodings) == again


@pytest.mark.parametrize("name", [PIXELS, MANIFEST])
def test_damage_is_named(tmp_path, pictures, name):
    open_store(tmp_path / "store", pictures, FILES, POLICY)
    path = tmp_path / "store" / name
    path.write_bytes(path.read_bytes()[:-9] + b"\n")
    with pytest.raises(DataError, match=name):
        open_store(tmp_path / "store", pictures, FILES, POLICY)


def test_two_processes_fill_one_store(tmp_path, pictures):
    code = (
        "import sys; from pathlib import Path; from visgen_train.data import images, store\n"
        f"got = store.open_store(Path(sys.argv[1]), Path(sys.argv[2]), {FILES}, images.Policy(8))\n"
        "print(got.pixels[__import__('numpy').arange(5)][:, 0, 0, 0].tolist())\n"
    )
    arguments = [sys.executable, "-c", code, str(tmp_path / "store"), str(pictures)]
    both = [subprocess.Popen(arguments, stdout=subprocess.PIPE, text=True) for _ in range(2)]
    assert [one.communicate()[0] for one in both] == ["[0, 10, 20, 30, 40]\n"] * 2
    lines = (tmp_path / "store" / MANIFEST).read_text().splitlines()
    assert len(lines) == 6  # each picture once


@pytest.mark.skipif(sys.platform == "win32", reason="has no limit on the size of files")
@pytest.mark.parametrize(
    "call", ["images.decode_all(root, files, policy, out)", "store.open_store(out, root, files, policy)"]
)
def test_a_full_disk_is_an_error(tmp_path, pictures, call):
    """A limit on the size of a file stands for it."""
    code = (
        "import resource, signal, sys; from pathlib import Path; from visgen_train.data import images, store\n"
        "signal.signal(signal.SIGXFSZ, signal.SIG_IGN); resource.setrlimit(resource.RLIMIT_FSIZE, (9000, 9000))\n"
        f"out, root = map(Path, sys.argv[1:]); files = {FILES}; policy = images.Policy(64)\n{call}\n"
    )
    (tmp_path / "out").mkdir()
    arguments = [sys.executable, "-c", code, str(tmp_path / "out"), str(pictures)]
    done = subprocess.run(arguments, check=False, capture_output=True, text=True)
    assert done.returncode == 1
    last = done.stderr.splitlines()[-1]
    assert (
        "out: the decoded pictures cannot be written there (File too large). They take 0 MB: make room"
        in last
    )
