"""How the benchmarks measure: the median of a few calls, as wall time and as processor time of this process."""

from __future__ import annotations

import contextlib
import gc
import statistics
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass

RUNS = 5


@dataclass(frozen=True)
class Row:
    """One measured thing and its baseline [second], and what else is worth knowing."""

    name: str
    seconds: float
    baseline: str
    baseline_seconds: float
    remark: str = ""


@dataclass(frozen=True)
class Times:
    """Medians of several calls [second]."""

    wall: float
    processor: float
    """Of this process alone: what a busy machine does meanwhile is not in it."""


@contextlib.contextmanager
def collector_paused() -> Iterator[None]:
    """Without the garbage collector, as the ``costmodel`` command runs."""
    gc.collect()
    gc.disable()
    try:
        yield
    finally:
        gc.enable()


def called(function: Callable[[], object], runs: int = RUNS) -> float:
    """Median wall time of a call [second], after one that is not counted."""
    return timed(function, runs).wall


def timed(function: Callable[[], object], runs: int = RUNS) -> Times:
    """Median times of a call, after one that is not counted."""
    function()
    walls, processors = [], []
    for _ in range(runs):
        wall, processor = time.perf_counter(), time.process_time()
        function()
        walls.append(time.perf_counter() - wall)
        processors.append(time.process_time() - processor)
    return Times(statistics.median(walls), statistics.median(processors))
