"""What becomes of the slots that have passed: pure decisions, no clock and no database."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import Literal
from zlib import crc32

from roforlmao.schedule.rules import Rule, next_after

Policy = Literal["run-once", "skip", "ask"]
ON_TIME_S = 60  # a slot that is later than this has to be caught up
_SPREAD_S = 30  # what is caught up starts within so many seconds
_AT_ONCE = 2000  # slots looked at in one go: after a long time the rest waits for the next tick


@dataclass(frozen=True)
class CatchUp:
    """What to do with slots that passed unseen; ``grace_s`` None is half the time to the next slot."""

    policy: Policy = "run-once"
    grace_s: float | None = None

    def with_own(self, policy: Policy | None, grace_s: float | None) -> CatchUp:
        """As a job wants it, where it wants something."""
        return CatchUp(policy or self.policy, self.grace_s if grace_s is None else grace_s)


@dataclass(frozen=True)
class Decision:
    """One slot and what becomes of it; instants are seconds since the epoch."""

    slot: int
    state: Literal["queued", "asking", "missed", "skipped", "failed"]
    reason: str = ""
    not_before: int = 0


def decide(
    job: int, rule: Rule, next_at: int, now: int, catch_up: CatchUp
) -> tuple[list[Decision], int | None]:
    """A decision for every slot from ``next_at`` to now, and the slot after them.

    Of several only the last may run; the others are missed.
    """
    passed = [next_at]
    following = _following(rule, next_at)
    while following is not None and following <= now and len(passed) < _AT_ONCE:
        passed.append(following)
        following = _following(rule, following)
    missed = [Decision(slot, "missed", "a later slot was due already") for slot in passed[:-1]]
    if following is not None and following <= now:
        return [*missed, Decision(passed[-1], "missed", "a later slot was due already")], following
    return [*missed, judge(job, rule, passed[-1], now, catch_up)], following


def judge(job: int, rule: Rule, slot: int, now: int, catch_up: CatchUp) -> Decision:
    """What becomes of the newest slot of a job, ``now - slot`` seconds late."""
    late = now - slot
    if late <= ON_TIME_S or rule.by_event:
        return Decision(slot, "queued", not_before=slot)
    if catch_up.policy == "skip":
        return Decision(slot, "skipped", f"{_span(late)} late; nothing is caught up")
    following = _following(rule, slot)
    period = following - slot if following is not None else 2 * late
    grace = max(catch_up.grace_s if catch_up.grace_s is not None else period / 2, ON_TIME_S)
    if late > grace:
        return Decision(slot, "missed", f"{_span(late)} late, more than its grace of {_span(grace)}")
    if catch_up.policy == "ask":
        return Decision(slot, "asking", f"{_span(late)} late; it is for you to say whether it runs")
    spread = max(1, min(_SPREAD_S, period // 10))
    return Decision(slot, "queued", f"{_span(late)} late", now + crc32(f"{job}/{slot}".encode()) % spread)


def _following(rule: Rule, slot: int) -> int | None:
    found = next_after(rule, dt.datetime.fromtimestamp(slot, dt.UTC))
    return None if found is None else int(found.timestamp())


def _span(seconds: float) -> str:
    for unit, size in (("d", 86400), ("h", 3600), ("min", 60)):
        if seconds >= 2 * size:
            return f"{seconds / size:.0f} {unit}"
    return f"{seconds:.0f} s"
