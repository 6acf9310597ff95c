"""Large inputs on many machines: a Dask cluster embeds them in shards, which its workers write themselves.

Needs ``pip install "sgt-dna[dask]"``, here and on the workers, and a folder that all of them see under one path.
"""

import os
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import sgt_dna
from sgt_dna import _manifest
from sgt_dna._jobs import LongRecord, Options, Part, jobs, merged, piece_state, write_part, write_record
from sgt_dna._ranges import PathLike
from sgt_dna.errors import ParameterError
from sgt_dna.params import SGTParams, positive_integer
from sgt_dna.records import Limits
from sgt_dna.shards import Shard

if TYPE_CHECKING:
    from distributed import Client, Future

SHARD_BYTES: Final = 2**25
"""Reads of 150 bp make of it some 400 MB of vectors, which a worker holds twice while it puts them together."""


def embed(
    files: PathLike | Sequence[PathLike],
    client: "Client",
    out: PathLike,
    *,
    shard_bytes: int = SHARD_BYTES,
    format: str | None = None,
    limits: Limits = Limits(),
    **options: Any,
) -> list[Path]:
    """Embed files of sequences on a Dask cluster, in shards, to .npz files in a folder.

    Plain FASTA files are cut where records begin. A record much longer than `shard_bytes` is cut as well: workers
    take in a piece each, and merge their states pair by pair (`SGTState`). Compressed files and other formats are
    not cut: each is one shard. Workers write the shards; only their names come back.

    What a worker had in hand when it died is done again by another. Called again with the same files and
    options, `embed` does what is not done yet: a shard is there as a whole or not at all.

    Parameters
    ----------
    files : path or sequence of paths
    client : distributed.Client
        Not an asynchronous one.
    out : path
        Folder to make, or to go on in. Its ``manifest.json`` says what it was begun with.
    shard_bytes : int
        Bytes of input a shard, 32 MiB by default.
    format : str, optional
        As for `sgt_dna.embed`.
    limits : Limits
        Of each shard.
    **options
        k, overlap, kappa, length_sensitive, ambiguous and strand, as for `sgt_dna.embed`.

    Returns
    -------
    list of Path
        The shards, in the order of the files. Joined (`sgt_dna.shards.join`, which finds ids that stand in two of
        them) they equal ``sgt_dna.embed`` of the files: bit for bit; records that were cut, to 1e-12.

    Raises
    ------
    FastaError, AlphabetError
        A file, or a record in it, is bad. The other shards are written before the first such error is raised,
        whose notes name the others.
    ParameterError
        An option is out of its range; the folder was begun with others, or a file has changed since.

    Examples
    --------
    >>> from distributed import Client, LocalCluster  # doctest: +SKIP
    >>> with LocalCluster() as cluster, Client(cluster) as client:  # doctest: +SKIP
    ...     embed("reads.fasta", client, out="vectors", kappa=5)
    [PosixPath('vectors/shard-00001-of-00001.npz')]
    """
    made = Options(SGTParams(**options), format, limits)
    names = [
        str(Path(path).absolute()) for path in ([files] if isinstance(files, str | os.PathLike) else files)
    ]
    if getattr(client, "asynchronous", False):
        raise ParameterError("the client is asynchronous; give one made without asynchronous=True")
    if not names:
        raise ParameterError("there are no files to embed; give one or more")
    shard_bytes = positive_integer("shard_bytes", shard_bytes)
    described = {**asdict(made.params), "format": format, "shard_bytes": shard_bytes}
    described[_manifest.VERSION] = sgt_dna.__version__
    content = _manifest.manifest(names, described)
    folder = Path(out).absolute()
    _manifest.begin(folder, content)
    found = [job for name in names for job in jobs(name, shard_bytes, format)]
    shards = [Shard(index, len(found)) for index in range(1, len(found) + 1)]
    targets = [folder / f"shard-{shard.index:05}-of-{shard.n:05}.npz" for shard in shards]
    todo = [task for task in zip(found, shards, targets, strict=True) if not task[2].exists()]
    failed = _done(client, todo, made)
    for left in folder.glob(".shard-*.tmp"):  # by workers that were killed while they wrote
        left.unlink(missing_ok=True)
    _manifest.check_same(folder, content, _manifest.manifest(names, described))
    if failed:
        raise _noted(failed, len(found), folder)
    return targets


def _done(
    client: "Client", todo: list[tuple[Part | LongRecord, Shard, Path]], options: Options
) -> list[Exception]:
    """Let the workers write these shards, all that can be; give what went wrong with the others."""
    futures: list[Future] = []
    try:
        futures += (_submitted(client, *task, options) for task in todo)
        return [error for future in futures if (error := future.exception())]
    except BaseException:  # such as Ctrl-C
        client.cancel(futures)
        raise


def _submitted(
    client: "Client", job: Part | LongRecord, shard: Shard, target: Path, options: Options
) -> "Future":
    # pure=False: what was computed for a file of the same name before must not count
    if isinstance(job, Part):
        return client.submit(write_part, job, shard, target, options, pure=False)
    states = [client.submit(piece_state, job.path, piece, options.params, pure=False) for piece in job.pieces]
    while len(states) > 1:
        pairs = zip(states[::2], states[1::2], strict=False)
        over = states[len(states) // 2 * 2 :]
        states = [*(client.submit(merged, *pair, pure=False) for pair in pairs), *over]
    return client.submit(write_record, states[0], job, shard, target, options, pure=False)


def _noted(failed: list[Exception], n_shards: int, folder: Path) -> Exception:
    """The first error, with notes on the others and on what there is."""
    first, *others = failed
    for error in others[:20]:
        first.add_note(f"and: {error}")
    first.add_note(f"{n_shards - len(failed)} of {n_shards} shards are written, in {os.fspath(folder)!r}")
    return first
