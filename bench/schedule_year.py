"""A year of fifty jobs in three time zones, with restarts, an outage and clock steps: ours and APScheduler 3.

    .venv/bin/python bench/schedule_year.py --peer PYTHON

PYTHON is that of an environment of its own: pip install 'apscheduler==3.11.*' SQLAlchemy tzdata. Both are
up at the same times, with the same clock; the oracle is that of tests/unit/test_schedule_year.py.
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
import tempfile
import time
from collections import Counter
from contextlib import closing
from dataclasses import asdict
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))  # runs without being installed

from roforlmao.schedule.due import CatchUp
from roforlmao.schedule.jobs import Plan
from roforlmao.schedule.rules import Rule, describe
from roforlmao.schedule.zones import local_text
from tests.unit.test_schedule_year import BEGIN, END, STEPS, Machine, oracle, recorded, rules

GRACE_S = 6 * 3600.0
Key = tuple[str, int]


class Watched(Machine):
    """Notes the spans, in real seconds, in which its launcher was up."""

    def __init__(self, path: Path) -> None:
        super().__init__(path, CatchUp("run-once", GRACE_S), seed=20261122)
        self.spans: list[list[float]] = []
        self._up = False

    def beat(self) -> None:
        if not self._up:
            self.spans.append([self.real.timestamp(), self.real.timestamp()])
            self._up = True
        super().beat()
        self.spans[-1][1] = self.real.timestamp()

    def restart(self) -> None:
        super().restart()
        self._up = False


def ours() -> tuple[dict[str, Any], list[Key], set[Key], float]:
    """The year as the peer is told it, what fired, what is recorded as not run, and the time it took."""
    with tempfile.TemporaryDirectory() as name:
        machine = Watched(Path(name))
        with closing(machine.state):
            jobs = [machine.jobs.add(Plan(f"t{number}", rule), BEGIN) for number, rule in enumerate(rules())]
            began = time.monotonic()
            machine.live()
            took = time.monotonic() - began
            fired = [(f"j{job}", slot) for job, slot, _ in machine.fired]
            told = {
                (job.id, slot.scheduled_for)
                for job in jobs
                for slot in recorded(machine, job)
                if slot.state != "succeeded" and slot.reason
            }
    year = {
        "jobs": [{"id": job.id, **asdict(job.plan.rule)} for job in jobs],
        "spans": machine.spans,
        "steps": [(at.timestamp(), hours) for at, hours in STEPS.items()],
    }
    return year, fired, told, took


def row(name: str, fired: list[Key], told: set[Key], slots: set[Key], took: float) -> str:
    times = Counter(fired)
    cells = (
        sum(times[key] == 1 for key in slots),
        sum(times[key] > 1 for key in slots),
        len({key for key in slots if key in told and not times[key]}),
        len({key for key in slots if key not in told and not times[key]}),
        len({key for key in times if key not in slots}),
    )
    return f"| {name} | {' | '.join(f'{cell:,}' for cell in cells)} | {took:.1f} s |"


def differences(year: dict[str, Any], fired: list[Key], told: set[Key], slots: set[Key]) -> list[str]:
    """Where the peer differs, by rule: how many, and the first in the job's own time."""
    rules_of = {job["id"]: Rule(**{k: v for k, v in job.items() if k != "id"}) for job in year["jobs"]}
    times = Counter(fired)
    groups = {
        "no record": sorted(key for key in slots if key not in told and not times[key]),
        "no slot": sorted(key for key in times if key not in slots),
    }
    lines = []
    for title, keys in groups.items():
        by_rule: dict[str, list[Key]] = {}
        for key in keys:
            by_rule.setdefault(describe(rules_of[key[0]]), []).append(key)
        for rule, found in sorted(by_rule.items(), key=lambda pair: -len(pair[1]))[:8]:
            first = local_text(found[0][1], rules_of[found[0][0]].timezone)
            lines.append(f"{title}: {len(found):3} of {rule}, first {first}")
    return lines


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--peer", help="the Python of an environment with APScheduler 3.11")
    peer = parser.parse_args().peer
    year, fired, told, took = ours()
    last = END.timestamp() - 86400
    slots = {
        (job["id"], slot)
        for job, rule in zip(year["jobs"], rules(), strict=True)
        for slot in oracle(rule)
        if BEGIN.timestamp() < slot <= last
    }
    print(f"{len(slots):,} slots, {len(year['spans'])} starts of the launcher")
    print("| | run once | run twice | not run, recorded | not run, no record | fired at no slot | took |")
    print("| --- | --- | --- | --- | --- | --- | --- |")
    within = [key for key in fired if key[1] <= last]
    print(row("ours", within, told, slots, took))
    if peer:
        program = Path(__file__).parent / "peers" / "apscheduler_year.py"
        began = time.monotonic()
        done = subprocess.run(
            [peer, str(program)], input=json.dumps(year), capture_output=True, text=True, check=False
        )
        if done.returncode:
            sys.exit(f"the peer ended with {done.returncode}: {done.stderr[-2000:]}")
        answer = json.loads(done.stdout)
        within = [(job, slot) for job, slot, _ in answer["fired"] if slot <= last]
        missed = {(job, slot) for job, slot in answer["missed"]}
        print(row("APScheduler 3.11", within, missed, slots, time.monotonic() - began))
        print("\n".join(differences(year, within, missed, slots)))


if __name__ == "__main__":
    main()
