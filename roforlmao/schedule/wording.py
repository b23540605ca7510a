"""A rule as an operator writes it, checked."""

from __future__ import annotations

import re
from dataclasses import replace

from roforlmao.errors import BadInput
from roforlmao.rules import parse_duration
from roforlmao.schedule.rules import WEEKDAYS, Kind, Rule, check_cron, label
from roforlmao.schedule.zones import check_zone
from roforlmao.text import one_line

KINDS = ("daily", "weekly", "monthly")
DEFAULT_GAP_S = 300  # between two runs of a job that data calls for


def parse_at(text: str) -> str:
    """A time of day as HH:MM. Errors: BadInput."""
    match = re.fullmatch(r"([0-9]{1,2}):([0-9]{2})", text)
    if not match or int(match[1]) > 23 or int(match[2]) > 59:
        raise BadInput(f"'{one_line(text, 40)}' is not a time of day.", "Write it as HH:MM, such as 07:30.")
    return f"{int(match[1]):02}:{match[2]}"


def parse_kind(text: str) -> str:
    """``daily``, ``weekly`` or ``monthly``. Errors: BadInput."""
    if text not in KINDS:
        raise BadInput(f"'{one_line(text, 40)}' is not a rule.", 'daily, weekly or monthly, or --cron "...".')
    return text


def parse_on(text: str) -> str:
    """A weekday (``mon``) or a day of the month (``31``). Errors: BadInput."""
    word = text.lower()
    if re.fullmatch(r"[a-z]{3,9}", word) and word[:3] in WEEKDAYS and _FULL[word[:3]].startswith(word):
        return word[:3]
    if re.fullmatch(r"[0-9]{1,2}", word) and 1 <= int(word) <= 31:
        return str(int(word))
    raise BadInput(
        f"'{one_line(text, 40)}' is not a day.", "A weekday such as mon, or a number from 1 to 31."
    )


def parse_new_kind(text: str) -> str:
    """As ``parse_kind``, or ``cron``. Errors: BadInput."""
    return text if text == "cron" else parse_kind(text)


def parse_policy(text: str) -> str:
    """``run-once``, ``skip``, ``ask``, or ``default`` for the configuration's. Errors: BadInput."""
    return _one_of(text, "run-once", "skip", "ask", "default")


def parse_busy(text: str) -> str:
    """``queue`` or ``skip``. Errors: BadInput."""
    return _one_of(text, "queue", "skip")


def parse_answer(text: str) -> str:
    """``run`` or ``miss``. Errors: BadInput."""
    return _one_of(text, "run", "miss")


def parse_retries(text: str) -> int:
    """A whole number from 0 to 20. Errors: BadInput."""
    if not re.fullmatch(r"[0-9]{1,2}", text) or int(text) > 20:
        raise BadInput(f"'{one_line(text, 40)}' is not a number from 0 to 20.")
    return int(text)


def parse_own_duration(text: str) -> float | str:
    """Seconds, or ``default`` for what the configuration says. Errors: BadInput."""
    if text == "default":
        return text
    try:
        return parse_duration(text)
    except ValueError:
        hint = "Such as 90s, 15m or 6h; default is what the configuration says."
        raise BadInput(f"'{one_line(text, 40)}' is not a duration.", hint) from None


def _one_of(text: str, *words: str) -> str:
    if text in words:
        return text
    raise BadInput(f"'{one_line(text, 40)}' is none of {', '.join(words[:-1])} and {words[-1]}.")


def make_rule(
    timezone: str,
    kind: str | None = None,
    at: str | None = None,
    on: str | None = None,
    cron: str | None = None,
    every_s: float | None = None,
) -> Rule:
    """The rule that the answers mean together. Errors: BadInput."""
    check_zone(timezone)
    given = [name for name, value in (("a rule", kind), ("--cron", cron), ("--every", every_s)) if value]
    if len(given) != 1:
        told = (
            f"It is said twice when to run: {' and '.join(given)}."
            if given
            else "It is not said when to run."
        )
        raise BadInput(told, 'Give daily, weekly or monthly, --cron "EXPRESSION", or --when-hub HUB.')
    if kind:
        return _by_calendar(timezone, parse_kind(kind), at, on)
    if at or on:
        raise BadInput(f"--at and --on belong to daily, weekly and monthly, not to {given[0]}.")
    if cron:
        return Rule("cron", timezone, cron=check_cron(cron))
    if not every_s or every_s < 1 or every_s != int(every_s):
        raise BadInput("An interval is whole seconds, at least one.", "Such as --every 15m.")
    return Rule("every", timezone, every_s=int(every_s))


def event_rule(
    timezone: str, hub: str | None, dataset: str | None, gap_s: float | None, *, by_clock: bool
) -> Rule | None:
    """The rule of a job that data calls for; None where neither source is given. Errors: BadInput."""
    if not hub and not dataset:
        if gap_s is not None:
            raise BadInput("--gap belongs to --when-hub and --when-dataset.")
        return None
    if (hub and dataset) or by_clock:
        raise BadInput("It is said twice when to run.", "Give --when-hub, --when-dataset or a time, not two.")
    check_zone(timezone)
    gap = int(DEFAULT_GAP_S if gap_s is None else max(1, gap_s))
    kind: Kind = "when-hub" if hub else "when-dataset"
    return Rule(kind, timezone, every_s=gap, source=hub or dataset or "")


def changed_rule(
    old: Rule,
    timezone: str | None = None,
    kind: str | None = None,
    at: str | None = None,
    on: str | None = None,
    cron: str | None = None,
    every_s: float | None = None,
) -> Rule:
    """The old rule with what is given in its place. Errors: BadInput."""
    zone = timezone or old.timezone
    if kind == "cron" and not cron:
        raise BadInput("It is not said by which cron expression.", 'Give --cron "EXPRESSION".')
    if cron or every_s:
        return make_rule(zone, None if kind == "cron" else kind, at, on, cron, every_s)
    if not (kind or at or on):
        return replace(old, timezone=check_zone(zone))
    kind = kind or old.kind
    if kind not in KINDS:
        raise BadInput(
            f"--at and --on belong to daily, weekly and monthly, not to {label(old)}.", "Say which of them."
        )
    if not on and kind == old.kind and kind != "daily":
        on = WEEKDAYS[old.on] if kind == "weekly" else str(old.on)
    return make_rule(zone, kind, at or old.at or None, on)


def _by_calendar(timezone: str, kind: str, at: str | None, on: str | None) -> Rule:
    time = parse_at(at or "00:00")
    if kind == "daily":
        if on:
            raise BadInput(
                "A daily job runs on every day: --on says nothing.", "Leave it out, or say weekly."
            )
        return Rule("daily", timezone, time)
    if kind == "weekly":
        if on and on.isdecimal():
            raise BadInput(f"A weekly job runs on a weekday, not on {on}.", "Such as --on mon.")
        return Rule("weekly", timezone, time, WEEKDAYS.index(on or "mon"))
    if on and not on.isdecimal():
        raise BadInput(f"A monthly job runs on a day of the month, not on {on}.", "A number from 1 to 31.")
    return Rule("monthly", timezone, time, int(on or "1"))


_FULL = {
    name[:3]: name for name in ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
}
