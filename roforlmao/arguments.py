"""argparse built from the table of actions."""

from __future__ import annotations

import argparse
import os
from collections.abc import Callable, Mapping, Sequence
from contextlib import closing
from typing import Any, NoReturn

from roforlmao import __version__
from roforlmao.actions.base import Action, Parameter
from roforlmao.app import App
from roforlmao.errors import BadInput, RoforlmaoError
from roforlmao.paths import Home

GROUPS: Mapping[str, str] = {
    "tool": "collectors: register, install, run",
    "run": "history of runs",
    "outbox": "announcements that wait for the registry",
    "scheduler": "fire scheduled jobs without the menus",
    "dataset": "repositories of snapshots",
    "hub": "who has data of a day; retrieve it",
    "experiment": "run configurations that peers repeat",
    "member": "who is in the federation",
    "federation": "join others' registry, invite to it, start one",
    "spike": "judge a control metric",
    "notification": "what waits for your eye",
}


class _Parser(argparse.ArgumentParser):
    """Wrong usage becomes an error like every other, so that ``--json`` can tell it too."""

    def error(self, message: str) -> NoReturn:
        raise BadInput(f"{message[:1].upper()}{message[1:]}.", f"`{self.prog} --help` shows what it takes.")


def build_parser(actions: Sequence[Action], prog: str) -> argparse.ArgumentParser:
    """The whole command line; the chosen action is in ``action`` of the result."""
    parser = _Parser(
        prog=prog, description="The console of a research observatory. Without a verb it opens the menus."
    )
    _add_globals(parser, argparse.SUPPRESS)
    parser.set_defaults(
        config=None, home=None, json=False, yes=False, no_color=False, debug=False, plain=False
    )
    parser.add_argument("--version", action="version", version=f"roforlmao {__version__}")
    top = parser.add_subparsers(title="verbs", metavar="<group> <verb>", dest="group")
    groups: dict[str, Any] = {}
    for action in actions:
        if action.group and action.group not in groups:
            group = top.add_parser(action.group, help=GROUPS[action.group])
            _add_globals(group, argparse.SUPPRESS)
            groups[action.group] = group.add_subparsers(metavar="<verb>", dest="verb", required=True)
        place = groups[action.group] if action.group else top
        _add_verb(place, action)
    return parser


def answers_of(action: Action, found: argparse.Namespace) -> dict[str, Any]:
    """What was given, by parameter; what was left out is absent."""
    answers: dict[str, Any] = {}
    for parameter in action.parameters:
        value = getattr(found, f"answer_{parameter.name}", None)
        by_option = getattr(found, f"option_{parameter.name}", None)
        if value is not None and by_option is not None:
            raise BadInput(f"{parameter.name.upper()} is given twice, by its place and as {parameter.flag}.")
        value = by_option if value is None else value
        if value not in (None, []) or value == 0:
            answers[parameter.name] = value
    return answers


def complete(parser: argparse.ArgumentParser) -> None:
    """Answers the shell's question for completions and ends the process."""
    import argcomplete

    argcomplete.autocomplete(parser)


def _add_globals(parser: argparse.ArgumentParser, default: Any) -> None:
    options = parser.add_argument_group("global options")
    options.add_argument("--config", metavar="PATH", default=default, help="your configuration file")
    options.add_argument(
        "--home", metavar="DIR", default=default, help="keep everything below this directory"
    )
    switches = {
        "--json": "print one JSON document",
        "--yes": "answer yes where that is safe",
        "--no-color": "no colours",
        "--plain": "plain numbered menus, for screen readers and dumb terminals",
        "--debug": "show tracebacks",
    }
    for flag, text in switches.items():
        options.add_argument(flag, action="store_true", default=default, help=text)


def _add_verb(place: Any, action: Action) -> None:
    verb = place.add_parser(action.verb, help=action.title, description=action.help or f"{action.title}.")
    _add_globals(verb, argparse.SUPPRESS)
    verb.set_defaults(action=action)
    for parameter in action.parameters:
        _add_parameter(verb, parameter)


def _add_parameter(verb: argparse.ArgumentParser, parameter: Parameter) -> None:
    metavar = parameter.metavar or parameter.name.upper()
    dest = f"answer_{parameter.name}"
    if parameter.form in ("positional", "either"):
        count = (
            ("+" if parameter.required else "*") if parameter.many else (None if parameter.required else "?")
        )
        place = metavar if parameter.form == "positional" else parameter.name.upper()
        added: Any = verb.add_argument(
            dest, metavar=place, nargs=count, type=parameter.parse, help=parameter.help
        )
        added.completer = _completer(parameter)
    if parameter.form == "either":
        option = f"option_{parameter.name}"
        verb.add_argument(
            parameter.flag, dest=option, metavar=metavar, type=parameter.parse, help=parameter.help
        )
    elif parameter.form == "option":
        many: Any = {"action": "append"} if parameter.many else {"required": parameter.required}
        if parameter.implied:
            many |= {"nargs": "?", "const": parameter.parse(parameter.implied)}
        verb.add_argument(
            parameter.flag, dest=dest, metavar=metavar, type=parameter.parse, help=parameter.help, **many
        )
    elif parameter.form == "flag":
        verb.add_argument(parameter.flag, dest=dest, action="store_true", default=None, help=parameter.help)
    elif parameter.form == "switch":
        verb.add_argument(
            parameter.flag,
            dest=dest,
            action=argparse.BooleanOptionalAction,
            default=None,
            help=parameter.help,
        )


def _completer(parameter: Parameter) -> Callable[..., list[str]]:
    """The names that a menu would offer; none where they cannot be had."""

    def names(parsed_args: argparse.Namespace, **_: Any) -> list[str]:
        if parameter.choices is None:
            return []
        home = Home.locate(parsed_args.config, parsed_args.home, os.environ)
        try:
            with closing(App(home, os.environ)) as app:
                answers = answers_of(parsed_args.action, parsed_args)
                return [str(choice.value) for choice in parameter.choices(app, answers)]
        except (RoforlmaoError, KeyError):
            return []

    return names
