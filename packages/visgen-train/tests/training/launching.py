"""Processes as torchrun starts them, but forked, so that nothing is imported twice. For programs of tests alone."""

import os
import socket
import sys
import time
import traceback
from collections.abc import Callable
from pathlib import Path

import lightning_fabric.strategies.ddp  # noqa: F401 - once, not in each process


def start(size: int, work: Callable[[int], None], said: Path) -> list[int]:
    """Fork `size` processes that do `work(rank)`; what they print goes to the files `said`.RANK. Their numbers."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    return [_fork(rank, size, port, work, said) for rank in range(size)]


def _fork(rank: int, size: int, port: int, work: Callable[[int], None], said: Path) -> int:
    child = os.fork()
    if child:
        return child
    code = 99
    try:
        place = {
            "RANK": rank,
            "LOCAL_RANK": rank,
            "WORLD_SIZE": size,
            "LOCAL_WORLD_SIZE": size,
            "MASTER_PORT": port,
        }
        os.environ |= {key: str(value) for key, value in place.items()}
        os.environ |= {"TORCHELASTIC_RUN_ID": "test", "MASTER_ADDR": "127.0.0.1"}
        for handle in (1, 2):
            os.dup2(os.open(f"{said}.{rank}", os.O_WRONLY | os.O_CREAT | os.O_APPEND), handle)
        try:
            work(rank)
            code = 0
        except SystemExit as ended:
            code = int(ended.code or 0)
        except BaseException:
            traceback.print_exc()
    finally:
        sys.stdout.flush()
        os._exit(code)


def ended(children: list[int], seconds: float = 120) -> list[int]:
    """How each ended: its exit code, or the signal, negative; 1000 for one that had to be killed after so long."""
    codes, until = dict[int, int](), time.monotonic() + seconds
    while len(codes) < len(children):
        for child in children:
            if child not in codes and (found := os.waitpid(child, os.WNOHANG))[0]:
                codes[child] = os.waitstatus_to_exitcode(found[1])
        if time.monotonic() > until:
            for child in set(children) - codes.keys():
                os.kill(child, 9)
                os.waitpid(child, 0)
                codes[child] = 1000
        time.sleep(0.01)
    return [codes[child] for child in children]
