"""A back-test of 10,000 daily series of 1,000 points: all at once, against one after the other.

Command: .venv/bin/python bench/detector_bulk.py
Peer: our own machine, run by run in plain Python, on a sample of the same series (its time is taken for
as many as all). Both must give the same verdicts, or the figure is not worth anything.
"""

from __future__ import annotations

import datetime as dt
import math
import resource
import sys
import time
from pathlib import Path

import numpy as np

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from roforlmao.anomaly.machine import Machine
from roforlmao.anomaly.many import ALARM_CODES, KINDS, judge_many

SERIES, POINTS, SAMPLE, LIMIT_S = 10_000, 1_000, 100, 60.0


def made() -> np.ndarray[tuple[int, int], np.dtype[np.float64]]:
    """Counts that grow and scatter, some with weekends, with drops, zeros, gaps and steps."""
    chance = np.random.default_rng(11)
    level = 10 ** chance.uniform(1.5, 5, SERIES) * np.cumprod(
        1 + chance.choice([0, 0.0005, 0.002], SERIES) * chance.random((POINTS, SERIES)), axis=0
    )
    level *= np.cumprod(np.where(chance.random((POINTS, SERIES)) < 0.001, 0.7, 1.0), axis=0)
    weekend = np.where((np.arange(POINTS) % 7 > 4)[:, None], chance.choice([1, 1, 1, 0.7], SERIES), 1)
    noise = 1 + chance.normal(0, 1, (POINTS, SERIES)) * 10 ** chance.uniform(-3, -1.5, SERIES)
    values = np.round(level * weekend * noise)
    odd = chance.random((POINTS, SERIES))
    values[odd < 0.002] = 0
    values[(odd > 0.002) & (odd < 0.003)] = np.nan
    return values


def one_by_one(series: list[float], days: list[dt.date]) -> list[str]:
    machine = Machine()
    found: list[str] = []
    for value, day in zip(series, days, strict=True):
        begun = machine.runs or not math.isnan(value)
        found.append(machine.step(None if math.isnan(value) else value, day).kind if begun else "")
    return found


def main() -> None:
    values, start = made(), dt.date(2020, 1, 1)
    days = [start + dt.timedelta(day) for day in range(POINTS)]
    began = time.process_time()
    kinds = np.array([step.kind.astype(np.int8) for step in judge_many(values, days)])
    bulk = time.process_time() - began
    began = time.process_time()
    singly = [one_by_one(values[:, number].tolist(), days) for number in range(SAMPLE)]
    single = (time.process_time() - began) * SERIES / SAMPLE
    names = [*KINDS, ""]
    same = all([names[code] for code in kinds[:, n]] == singly[n] for n in range(SAMPLE))
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    alarms = int(np.isin(kinds, ALARM_CODES).sum())
    print(f"{SERIES:,} series of {POINTS:,} points, {alarms:,} alarms")
    print(f"all at once: {bulk:.1f} CPU seconds (at most {LIMIT_S:.0f}), peak of the process {peak:.0f} MB")
    print(f"one after the other: {single:.1f} CPU seconds (from {SAMPLE}); ratio {bulk / single:.2f}")
    print(f"the same verdicts: {same}")
    sys.exit(bulk > LIMIT_S or not same)


if __name__ == "__main__":
    main()
