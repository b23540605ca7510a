"""What a job's rule and manners are asked by: parameters shared by making a job and changing it."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from roforlmao.actions import parse
from roforlmao.actions.base import Answers, Choice, Parameter
from roforlmao.schedule import wording
from roforlmao.schedule.rules import WEEKDAYS, check_cron
from roforlmao.schedule.zones import check_zone

if TYPE_CHECKING:
    from roforlmao.app import App

Default = Callable[["App", Answers], str]
_FIELDS = {
    "grace": "grace_s",
    "catch_up": "catch_up",
    "retries": "retries",
    "backoff": "backoff_s",
    "busy": "busy",
    "timeout": "timeout_s",
    "ping": "ping",
    "duty": "duty",
}


def manner_of(answers: Mapping[str, Any]) -> dict[str, Any]:
    """The fields of a ``Plan`` that were answered; ``default`` gives one back to the configuration."""
    own = {_FIELDS[name]: value for name, value in answers.items() if value is not None}
    return {field: None if value == "default" else value for field, value in own.items()}


def days(_app: App, answers: Answers) -> Sequence[Choice]:
    if answers.get("rule") == "weekly":
        return [Choice(day, day) for day in WEEKDAYS]
    short = "the last day where the month is shorter"
    return [Choice(str(day), str(day), short if day > 28 else "") for day in range(1, 32)]


def timing(by_cron: Callable[[Answers], bool], at: Default) -> tuple[Parameter, ...]:
    """When it runs, beside the kind of its rule; ``by_cron`` says whether that is a cron expression."""
    return (
        Parameter(
            "cron",
            "five fields, such as '30 7 * * 1'",
            check_cron,
            "option",
            False,
            metavar="EXPR",
            when=by_cron,
        ),
        Parameter(
            "on",
            "on which day: mon, or 1 to 31 (the last day where the month is shorter)",
            wording.parse_on,
            "option",
            False,
            metavar="DAY",
            choices=days,
            when=lambda answers: answers.get("rule") in ("weekly", "monthly"),
        ),
        Parameter(
            "at",
            "at what time (default: 00:00)",
            wording.parse_at,
            "option",
            False,
            metavar="HH:MM",
            default=at,
            when=lambda answers: answers.get("rule") in wording.KINDS,
        ),
        Parameter(
            "timezone",
            "of which time zone (default: the configuration's, or the machine's)",
            check_zone,
            "option",
            False,
            metavar="TZ",
            asked=False,
        ),
    )


EVERY = Parameter(
    "every", "for trying out: so many seconds", parse.duration, "option", False, metavar="S", asked=False
)


def manner(present: Callable[[str], Default] | None = None) -> tuple[Parameter, ...]:
    """How a job behaves; asked only where ``present`` gives what each is now."""

    def one(name: str, text: str, read: Callable[[str], object], metavar: str = "S") -> Parameter:
        default = present(_FIELDS[name]) if present else None
        return Parameter(
            name, text, read, "option", False, metavar=metavar, default=default, asked=present is not None
        )

    return (
        one(
            "catch_up",
            "a slot that was missed: run-once, skip, ask or default",
            wording.parse_policy,
            "POLICY",
        ),
        one("grace", "how late it may run: such as 2h, or default", wording.parse_own_duration),
        one("retries", "how often to try again what failed", wording.parse_retries, "N"),
        one("backoff", "pause before the first new try, then doubled", parse.duration),
        one("busy", "if its tool is busy: queue or skip", wording.parse_busy, "WHAT"),
        one("timeout", "end its tool after: such as 30m, or default", wording.parse_own_duration),
    )
