"""Against a server on this machine that plays NCBI; Biopython's Entrez is real, only the address is turned."""

import http.server
import logging
import threading
import urllib.error
import urllib.parse
import urllib.request
from typing import ClassVar

import pytest
import sgt_dna
from typer.testing import CliRunner
from visgen_train.cli.main import app
from visgen_train.data.sequences import read_sequences
from visgen_train.errors import DataError
from visgen_train.io import entrez

RECORD = """LOCUS       {accession:<16} {length:>11} bp    DNA     linear   INV 01-JAN-2020
DEFINITION  {definition}
ACCESSION   {accession}
VERSION     {accession}.1
SOURCE      a foraminifer
  ORGANISM  Candeina nitida
            Eukaryota; Sar; Rhizaria.
ORIGIN
        1 acgtacgtac gt
//

"""


def record(accession):
    odd = int(accession[-1]) % 2
    definition = "Candeina nitida isolate 7." if odd else "18S gene of a foraminifer."
    return RECORD.format(accession=accession, definition=definition, length=12)


class Ncbi(http.server.BaseHTTPRequestHandler):
    """Gives records of the accessions in `held`; before that, one of the `troubles` for each request."""

    held: ClassVar[set[str]]
    troubles: ClassVar[list[object]]
    asked: ClassVar[list[tuple[object, ...]]]

    def do_GET(self):
        self.answer(urllib.parse.parse_qs(urllib.parse.urlparse(self.path).query))

    def do_POST(self):
        self.answer(urllib.parse.parse_qs(self.rfile.read(int(self.headers["Content-Length"])).decode()))

    def answer(self, query):
        ids = query["id"][0].split(",")
        type(self).asked.append((len(ids), query["email"][0], query["db"][0], query["rettype"][0]))
        trouble = self.troubles.pop(0) if self.troubles else None
        unknown = [id_ for id_ in ids if id_.partition(".")[0] not in self.held]
        if isinstance(trouble, int) or unknown == ids or (trouble == "strict" and unknown):
            self.send_response(trouble if isinstance(trouble, int) else 400)
            self.send_header("Retry-After", "0")
            self.end_headers()
            return
        records = [record(id_.partition(".")[0]) for id_ in reversed(ids) if id_ not in unknown]
        body = "".join(records).encode()
        self.send_response(200)
        self.send_header("Content-Type", "text/plain")
        if trouble != "short":
            self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body[:-100] if trouble in ("cut", "short") else body)

    def log_message(self, *_):
        pass


@pytest.fixture
def ncbi(monkeypatch):
    """The class of the server's requests; `Entrez` asks it in place of NCBI, without pauses."""
    from Bio import Entrez

    class Session(Ncbi):
        held, troubles, asked = set(), [], []

    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Session)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()

    def opened(request):
        place = urllib.parse.urlparse(request.full_url)
        assert place.hostname == "eutils.ncbi.nlm.nih.gov"
        local = place._replace(scheme="http", netloc=f"127.0.0.1:{server.server_port}").geturl()
        return urllib.request.urlopen(urllib.request.Request(local, request.data, method=request.method))

    monkeypatch.setattr(Entrez, "urlopen", opened)
    monkeypatch.setattr(entrez, "PAUSE", 0.001)
    monkeypatch.setattr(entrez, "TRIES", 3)
    yield Session
    server.shutdown()
    server.server_close()
    thread.join()


def accessions(number):
    return [f"MK{position:06d}" for position in range(number)]


def test_batches_come_in_the_order_asked_and_only_once(ncbi, tmp_path, monkeypatch):
    monkeypatch.setattr(entrez, "BATCH", 3)
    names = accessions(7)
    ncbi.held = set(names)
    found = entrez.fetch([*names[:6], f"{names[6]}.1"], "a@b.org", tmp_path / "cache")
    assert list(found.records) == [*names[:6], f"{names[6]}.1"]
    assert [key.partition(".")[0] in text for key, text in found.records.items()] == [True] * 7
    assert (found.missing, ncbi.asked) == ([], [(n, "a@b.org", "nuccore", "gb") for n in (3, 3, 1)])
    assert entrez.fetch(names[:5], "a@b.org", tmp_path / "cache").missing == []
    assert len(ncbi.asked) == 3


def test_one_record_asked_for_by_two_names_is_written_once(ncbi, tmp_path, caplog):
    ncbi.held = {"MK000001", "MK000002"}
    asked = ["MK000001.1", "MK000002", "MK000001"]
    for _ in range(2):  # from the network, then from the cache
        caplog.clear()
        found = entrez.fetch(asked, "a@b.org", tmp_path / "cache")
        assert (list(found.records), found.missing) == (["MK000001.1", "MK000002"], [])
        assert "MK000001.1 and MK000001 are one record, MK000001.1, written once" in caplog.text
    (tmp_path / "s.gb").write_text("".join(found.records.values()))
    assert len(read_sequences(tmp_path / "s.gb")[0]) == 2


@pytest.mark.parametrize("trouble", [429, 500, 503, "cut", "short"])
def test_a_busy_or_broken_answer_is_asked_for_again(ncbi, tmp_path, trouble):
    ncbi.held, ncbi.troubles = set(accessions(2)), [trouble, trouble]
    found = entrez.fetch(accessions(2), "a@b.org", tmp_path)
    assert (list(found.records), len(ncbi.asked)) == (accessions(2), 3)


def test_what_came_before_a_failure_is_kept(ncbi, tmp_path, monkeypatch):
    monkeypatch.setattr(entrez, "BATCH", 2)
    ncbi.held, ncbi.troubles = set(accessions(4)), [None, *[502] * entrez.TRIES]
    with pytest.raises(DataError, match="did not answer in 3 tries.*502") as raised:
        entrez.fetch(accessions(4), "a@b.org", tmp_path)
    assert raised.value.__notes__ == [
        f"2 of 4 records are in {tmp_path}; the same command goes on from there."
    ]
    del ncbi.asked[:]
    assert list(entrez.fetch(accessions(4), "a@b.org", tmp_path).records) == accessions(4)
    assert len(ncbi.asked) == 1


def test_no_connection_is_an_error_with_a_way_out(ncbi, tmp_path, monkeypatch):
    from Bio import Entrez

    def refused(request):
        raise urllib.error.URLError("refused")

    monkeypatch.setattr(Entrez, "urlopen", refused)
    with pytest.raises(DataError, match="refused.*Check the connection"):
        entrez.fetch(accessions(1), "a@b.org", tmp_path)


@pytest.mark.parametrize("strict", [True, False])
def test_missing_records_are_found_out_one_by_one(ncbi, tmp_path, strict):
    ncbi.held = set(accessions(4)) - {"MK000002"}
    ncbi.troubles = ["strict"] * 9 if strict else []
    found = entrez.fetch(accessions(4), "a@b.org", tmp_path)
    assert found.missing == ["MK000002"]
    assert list(found.records) == sorted(ncbi.held)


def test_a_record_without_its_sequence_is_missing(ncbi, tmp_path, monkeypatch, caplog):
    monkeypatch.setitem(globals(), "RECORD", RECORD.replace("acgtacgtac gt", ""))
    ncbi.held = {"MK000001"}
    with caplog.at_level(logging.WARNING):
        assert entrez.fetch(["MK000001"], "a@b.org", tmp_path).missing == ["MK000001"]
    assert "MK000001.1: NCBI gives no sequence with it" in caplog.text


@pytest.mark.parametrize("ending", ["gb", "fasta"])
def test_the_command_writes_what_run_reads_and_tells_what_is_missing(ncbi, tmp_path, ending):
    ncbi.held = {"MK000001", "MK000002"}
    (tmp_path / "list.txt").write_text("\ufeff# mine\nMK000002\n\nmk000001  # again\nMK000001\nMK000009\n")
    words = ["fetch-sequences", tmp_path / "list.txt", "-o", tmp_path / f"s.{ending}", "--email", "a@b.org"]
    result = CliRunner().invoke(app, list(map(str, words)))
    assert result.exit_code == 1
    assert "no nucleotide record for 1 of 3 accessions" in result.stderr
    assert "\n  MK000009\nThe other 2 are in" in result.stderr
    assert result.stdout == ""
    records, species = read_sequences(tmp_path / f"s.{ending}")
    assert species == {"MK000002.1": "Candeina nitida", "MK000001.1": "Candeina nitida"}
    assert {record.sequence.lower() for record in records} == {"acgtacgtacgt"}
    assert isinstance(records[0], sgt_dna.Record)


@pytest.mark.parametrize(
    ("text", "words", "code", "message"),
    [
        ("GBDP16934-15\n", [], 1, "list.txt, line 1: 'GBDP16934-15' is no accession"),
        ("# none\n", [], 1, "no accessions"),
        ("MK000001\n", ["--email", "me"], 2, "'me' is no address"),
        ("MK000001\n", ["-o", "s.txt"], 2, "end its name in .gb"),
    ],
)
def test_wrong_calls(tmp_path, text, words, code, message):
    (tmp_path / "list.txt").write_text(text)
    given = [
        "fetch-sequences",
        str(tmp_path / "list.txt"),
        "-o",
        str(tmp_path / "s.gb"),
        "--email",
        "a@b.org",
        *words,
    ]
    result = CliRunner().invoke(app, given)
    assert (result.exit_code, message in " ".join(result.stderr.split())) == (code, True)
    assert not (tmp_path / "s.gb.cache").exists()


def test_an_address_is_needed_and_may_stand_in_the_environment(ncbi, tmp_path):
    (tmp_path / "list.txt").write_text("MK000001\n")
    ncbi.held = {"MK000001"}
    words = ["fetch-sequences", str(tmp_path / "list.txt"), "-o", str(tmp_path / "s.gb")]
    assert CliRunner().invoke(app, words).exit_code == 2
    result = CliRunner().invoke(app, words, env={"NCBI_EMAIL": "a@b.org"})
    assert result.exit_code == 0, result.stderr
    assert result.stdout.splitlines()[0] == f"1 records: {tmp_path / 's.gb'}"
    assert CliRunner().invoke(app, words, env={"NCBI_EMAIL": "a@b.org"}).exit_code == 2  # it exists


def test_places_that_cannot_be_are_named_before_anything_is_asked(ncbi, tmp_path):
    (tmp_path / "file").touch()
    (tmp_path / "a.txt").write_text("MK000001\n")
    words = ["fetch-sequences", str(tmp_path / "a.txt"), "--email", "a@b.org", "--out"]
    result = CliRunner().invoke(app, [*words, str(tmp_path / "file" / "s.gb")])
    assert result.exit_code == 2
    assert "file: cannot be made (" in result.stderr
    result = CliRunner().invoke(
        app, [*words, str(tmp_path / "s.gb"), "--cache", str(tmp_path / "file" / "c")]
    )
    assert result.exit_code == 1
    assert "cannot be used as a cache" in result.stderr
    assert ncbi.asked == []
