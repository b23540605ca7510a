"""Experiments below ``experiments/``: strangers' words that may be run, so checked when read, too."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any, Final

from roforlmao.errors import BadInput
from roforlmao.experiment import RULE_WORDS, Experiment
from roforlmao.names import check_name
from roforlmao.registry.entries import EXPERIMENT_FIELDS, Rules
from roforlmao.registry.fields import number_of, operator_name, rest_of, text_of, texts_of
from roforlmao.registry.values import kind_of, read_object
from roforlmao.text import one_line

_MOST: Final = 100  # arguments or variables
_LONGEST: Final = 2000  # characters of each
_VARIABLE: Final = re.compile(r"[A-Za-z_][A-Za-z0-9_]{0,99}")
_SECRET_NAME: Final = re.compile(
    r"(^|_)(TOKEN|SECRET|PASSWORD|PASSWD|PASSPHRASE|CREDENTIALS?|APIKEY|KEY|AUTH|COOKIE)(_|$)", re.IGNORECASE
)
# Tokens of GitHub, GitLab, Slack and AWS, PEM keys, JSON web tokens, and URLs with a password.
_SECRET_VALUE: Final = re.compile(
    r"gh[pousr]_[A-Za-z0-9]{20}|github_pat_|glpat-|xox[abprs]-|AKIA[0-9A-Z]{12}|-----BEGIN "
    r"|eyJ[A-Za-z0-9_-]{10,}\.|://[^/\s:@]*:[^/\s@]+@"
)
# They decide which program runs, or what is loaded into it, and not what it does.
_STEERING: Final = re.compile(
    r"(PATH|HOME|SHELL|ENV|IFS|BASH_.*|LD_.*|DYLD_.*|PYTHON(?!HASHSEED).*|PERL.*|RUBY.*|NODE_.*|JAVA_TOOL_OPTIONS|GIT_.*"
    r"|SSH_.*|DOCKER_.*|GCONV_PATH|R_.*|ROFORLMAO_.*|[a-z]*_proxy)",
    re.IGNORECASE,
)


def decode_experiment(name: str, value: bytes, rules: Rules) -> Experiment:
    """``rules`` are those of every entry; an experiment names no place. Errors: BadInput."""
    del rules
    fields = read_object(value, "tool")
    hub, by = text_of(fields, "hub"), text_of(fields, "registered_by")
    expected = fields.get("expected") or {}
    if not isinstance(expected, dict):
        raise BadInput(f"Its 'expected' is {kind_of(expected)}, not an object with low and high.")
    low, high = number_of(expected, "low"), number_of(expected, "high")
    if low is not None and high is not None and low > high:
        raise BadInput("Its expected range ends below its beginning.")
    return Experiment(
        check_name(name, "experiment name"),
        check_name(text_of(fields, "tool"), "tool name"),
        _word(text_of(fields, "command"), "command"),
        tuple(_word(one, "argument") for one in _short(texts_of(fields, "args"))),
        {name: check_variable(name, text) for name, text in _texts(fields, "env").items()},
        _rule(_texts(fields, "rule")),
        check_name(hub, "hub name") if hub else "",
        low,
        high,
        text_of(fields, "description"),
        operator_name(by) if by else "",
        text_of(fields, "registered_at"),
        rest_of(fields, EXPERIMENT_FIELDS),
    )


def check_variable(name: str, value: str) -> str:
    """The value of a variable that others may read and run with. Errors: BadInput."""
    if not _VARIABLE.fullmatch(name):
        raise BadInput(f"'{one_line(name, 40)}' is not the name of a variable.")
    if _SECRET_NAME.search(name):
        raise BadInput(
            f"The variable {name} looks like a secret, and everybody reads the registry.",
            "Set it on each machine: containers.tools in the configuration knows secrets.",
        )
    if _STEERING.fullmatch(name):
        raise BadInput(f"The variable {name} decides what runs; an experiment may not set it.")
    return _word(value, f"value of {name}")


def _word(text: str, what: str) -> str:
    if _SECRET_VALUE.search(text):
        raise BadInput(f"Its {what} looks like a secret, and everybody reads the registry.")
    if "\0" in text or len(text) > _LONGEST:
        raise BadInput(f"Its {what} holds a NUL, or is over {_LONGEST:,} characters long.")
    return text


def _short(found: list[str]) -> list[str]:
    if len(found) > _MOST:
        raise BadInput(f"It has {len(found)} arguments.", f"At most {_MOST}.")
    return found


def _texts(fields: Mapping[str, Any], name: str) -> dict[str, str]:
    found = fields.get(name) or {}
    if not isinstance(found, dict) or len(found) > _MOST:
        raise BadInput(f"Its '{name}' is {kind_of(found)}, not a few texts by name.")
    for key, value in found.items():
        if not isinstance(value, str):
            raise BadInput(f"Its '{name}' holds {kind_of(value)} as '{one_line(key, 40)}', not text.")
    return found


def _rule(found: Mapping[str, str]) -> Mapping[str, str]:
    """The words alone: whoever schedules it parses them as if they had been typed."""
    for name, text in found.items():
        if name not in RULE_WORDS or not text.isprintable() or len(text) > 100:
            raise BadInput(f"Its rule says '{one_line(name, 40)}' in a way that is not known.")
    return found
