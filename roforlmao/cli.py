"""The command line: one verb, its output as text or JSON, its exit status; or the menus."""

from __future__ import annotations

import os
import sys
from collections.abc import Sequence
from contextlib import suppress
from typing import TYPE_CHECKING, Any

from roforlmao.actions.table import ACTIONS
from roforlmao.app import App
from roforlmao.arguments import answers_of, build_parser, complete
from roforlmao.crash import unexpected
from roforlmao.errors import BadInput, Cancelled, RoforlmaoError
from roforlmao.paths import Home
from roforlmao.text import clean, one_line

if TYPE_CHECKING:
    import argparse

PROGRAM = "launcher.py"


def main(argv: Sequence[str]) -> int:
    """Does what the words say and returns the exit status (README lists them)."""
    for stream in (sys.stdout, sys.stderr):
        if hasattr(stream, "reconfigure"):
            stream.reconfigure(errors="backslashreplace")
    app: App | None = None
    try:
        parser = build_parser(ACTIONS, PROGRAM)
        if "_ARGCOMPLETE" in os.environ:
            complete(parser)
        options = parser.parse_args(argv)
        app = App(Home.locate(options.config, options.home, os.environ), os.environ)
        return _go(app, options)
    except RoforlmaoError as error:
        return _tell(error, argv)
    except KeyboardInterrupt:
        return _tell(Cancelled("Stopped."), argv)
    except BrokenPipeError:
        from roforlmao.ui.terminal import flush_or_forget

        flush_or_forget(sys.stdout)
        return 141
    except Exception as error:  # noqa: BLE001 (the last resort: logged, and told in a sentence)
        return _tell(unexpected(error, app.error_log if app else None), argv)
    finally:
        if app is not None:
            app.close()


def _go(app: App, options: argparse.Namespace) -> int:
    from roforlmao.ui.signals import install

    install()
    if getattr(options, "action", None) is None:
        return _menus(app, options)
    return _verb(app, options)


def _menus(app: App, options: argparse.Namespace) -> int:
    from roforlmao.ui.terminal import terminal_kind

    kind = terminal_kind(sys.stdin, sys.stdout, os.environ, options.plain)
    if kind == "none" or options.json:
        raise BadInput(
            "The menus need a terminal.", f"`{PROGRAM} --help` lists the verbs, such as `{PROGRAM} tool get`."
        )
    from roforlmao.ui.menu import open_menus

    return open_menus(app, plain=kind == "plain", color=_colour(options))


def _verb(app: App, options: argparse.Namespace) -> int:
    from roforlmao.ui.verb import VerbFront

    action = options.action
    if action.group in ("tool", "run"):
        app.recover()
    front = VerbFront(app, yes=options.yes, quiet=options.json, color=_colour(options), plain=options.plain)
    report = front.do(action, answers_of(action, options))
    if options.json and not report.streamed:
        print_json(report.data)
        sys.stderr.writelines(f"Warning: {one_line(warning)}\n" for warning in report.warnings)
    elif not options.json:
        front.show(report)
    _hand_on(app)
    return report.exit_status


def _hand_on(app: App) -> None:
    """Notifications that a verb left go where the configuration says: from cron no menu ever opens.

    The verb has told all that it had to tell; what cannot be read now, such as a configuration that only
    `doctor` gets past, is no second outcome.
    """
    from roforlmao.errors import ConfigurationError, StorageFailed

    with suppress(StorageFailed, ConfigurationError):
        if app.config.notify:
            app.courier().round()


def _colour(options: argparse.Namespace) -> bool:
    from roforlmao.ui.terminal import wants_color

    return wants_color(sys.stdout, os.environ, options.no_color)


def print_json(data: Any) -> None:
    """One document on standard output; ASCII, so that no terminal reads control codes in it."""
    import json

    sys.stdout.write(json.dumps(data, indent=2) + "\n")
    sys.stdout.flush()


def _tell(error: RoforlmaoError, argv: Sequence[str]) -> int:
    argv = argv[: argv.index("--")] if "--" in argv else argv
    if "--debug" in argv:
        import traceback

        traceback.print_exc()
    hint = _with_flag(error)
    if "--json" in argv:
        print_json({"error": {"code": error.code, "message": one_line(error.message), "hint": hint}})
    else:
        sys.stderr.write(f"{one_line(error.message)} {hint}".rstrip() + "\n")
        for line in error.remedy.details if error.remedy else ():
            sys.stderr.write(f"  {clean(line)}\n")
    return error.exit_status


def _with_flag(error: RoforlmaoError) -> str:
    """The hint, with the flag that says yes to what stood in the way."""
    hint = one_line(error.hint)
    if error.remedy is None:
        return hint
    ways = [error.remedy, *error.remedy.instead]
    flags = " or ".join(f"--{way.parameter.replace('_', '-')}" for way in ways)
    return f"{hint} To go on all the same: {flags}.".strip()
