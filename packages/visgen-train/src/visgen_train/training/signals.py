"""Ctrl-C and SIGTERM while a stage is trained: they wait for the step that is being taken."""

import signal
import threading
from types import FrameType, TracebackType
from typing import Any

from visgen_train.training.launched import launched

STOPPING = (signal.SIGINT, signal.SIGTERM)


class Stopping:
    """Within the block the first signal to stop is only noted in `asked`; a second one ends the process at once.

    Signals reach the main thread alone, so in any other nothing is changed.
    """

    def __init__(self) -> None:
        self.asked: int | None = None
        self._before: dict[int, Any] = {}

    def __enter__(self) -> "Stopping":
        if threading.current_thread() is threading.main_thread():
            for number in STOPPING:
                self._before[number] = signal.signal(number, self._note)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._restore()

    def stop(self) -> None:
        """Do what the signal would have done: KeyboardInterrupt, SystemExit, or the end of the process."""
        self._restore()
        signal.raise_signal(self.asked or signal.SIGTERM)

    def _note(self, number: int, frame: FrameType | None) -> None:
        if self.asked is not None and launched().size > 1:
            return  # torchrun hands on what its processes have got already; it waits 30 s before it kills
        if self.asked is not None:
            self._restore()
            signal.raise_signal(number)
        self.asked = number

    def _restore(self) -> None:
        for number, handler in self._before.items():
            signal.signal(number, handler if handler is not None else signal.SIG_DFL)
        self._before = {}
