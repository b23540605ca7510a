"""A small program for the screens' tests: it installs the signals and plays the named part."""

from __future__ import annotations

import sys

from roforlmao.actions.base import Choice
from roforlmao.errors import Cancelled
from roforlmao.names import check_name
from roforlmao.progress import Progress
from roforlmao.ui import signals
from roforlmao.ui.prompter import Back, Closed
from roforlmao.ui.questions import Questions
from roforlmao.ui.terminal import flush_or_forget


def questions() -> Questions:
    return Questions(lambda: "ada · registry embedded", tuple, color=True)


def menu() -> None:
    tools = [Choice(number, f"tool-{number:02}", "collects 日本 data") for number in range(1, 41)]
    asked = questions()
    print("chose", asked.select("Registered tools", tools))  # noqa: T201
    print("typed", asked.text("Name of the tool", validate=check_name))  # noqa: T201
    print("said", asked.confirm("Go on?", details=[f"line {n}" for n in range(40)]))  # noqa: T201


def work() -> None:
    from roforlmao.ui.render import make_console
    from roforlmao.ui.work import work as run

    def clone(progress: Progress) -> str:
        progress.start("Cloning", 100, "objects")
        progress.update(40)
        for number in range(20):
            progress.log(f"line {number} " + "x" * 200)
        progress.wait(60)
        progress.checkpoint()
        return "whole"

    print("above")  # noqa: T201
    try:
        print("got", run(clone, make_console(color=True)))  # noqa: T201
    except Cancelled as stopped:
        print("ended:", stopped)  # noqa: T201


if __name__ == "__main__":
    signals.install()
    try:
        {"menu": menu, "work": work}[sys.argv[1]]()
    except (Back, Closed) as way_out:
        flush_or_forget(sys.stdout)
        raise SystemExit(40 if isinstance(way_out, Back) else 41) from None
