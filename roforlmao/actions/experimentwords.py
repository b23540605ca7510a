"""An experiment in words, for people and for programs."""

from __future__ import annotations

from typing import Any

from roforlmao.experiment import RULE_WORDS, Experiment
from roforlmao.models import as_json
from roforlmao.text import one_line


def document(found: Experiment) -> dict[str, Any]:
    """The experiment for programs, with its revision."""
    return {**as_json(found), "revision": found.revision}


def words(found: Experiment) -> list[str]:
    """All of it, as lines to read before one says yes."""
    shown = [f"{name}: {value}" for name, value in card(found) if name != "revision"]
    return [f"Revision {found.revision}", *shown]


def card(found: Experiment) -> list[list[str]]:
    """Name and value of all that it says, cleaned."""
    own = {
        "tool": found.tool,
        "command": found.command,
        **{f"argument {number}": text for number, text in enumerate(found.args, 1)},
        **{f"variable {name}": value for name, value in found.env.items()},
        "when": rule_words(found),
        "hub": found.hub,
        "expected": bounds(found),
        "description": found.description,
        "published by": found.registered_by,
        "at": found.registered_at,
        "revision": found.revision,
    }
    return [[one_line(name), one_line(text, 2000)] for name, text in own.items() if text]


def bounds(found: Experiment) -> str:
    """The expected range; empty where there is none."""
    if found.low is None and found.high is None:
        return ""
    low = "" if found.low is None else f"at least {found.low:g}"
    high = "" if found.high is None else f"at most {found.high:g}"
    return " and ".join(filter(None, (low, high)))


def rule_words(found: Experiment) -> str:
    """When it runs, as it would be typed."""
    return " ".join(found.rule[word] for word in RULE_WORDS if word in found.rule)
