"""What a run starts: a script's program or a container. Both end in an ``Execution``."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

from roforlmao.errors import NotFound
from roforlmao.models import Execution
from roforlmao.progress import Progress

if TYPE_CHECKING:
    from roforlmao.runs.pipeline import Order, Surroundings
    from roforlmao.tools.container import Ready
    from roforlmao.tools.definition import Command
    from roforlmao.tools.install import Installed

Ended = Callable[[Execution], None]


class Task(Protocol):
    """Ready to start: what it needs has been looked at. ``command`` is what the history calls it."""

    @property
    def command(self) -> str: ...

    def start(self, run_id: str, progress: Progress, ended: Ended) -> Execution:
        """Runs it to its end, into the log of that run.

        ``ended`` is told how it ended before anything that shows it is removed.
        """


def task_of(installed: Installed, order: Order, around: Surroundings) -> Task:
    """The order's task. Errors: NotFound, BadInput, StorageFailed; nothing has run then."""
    make = {"script": _script, "container": _container}[installed.kind]
    return make(installed, order, around)


@dataclass(frozen=True)
class _Script:
    command: str
    argv: list[str]
    installed: Installed
    order: Order
    around: Surroundings

    def start(self, run_id: str, progress: Progress, ended: Ended) -> Execution:
        from roforlmao.tools import environment, script
        from roforlmao.tools.variables import INPUT_VARIABLE

        places, order = self.around.places, self.order
        given = {INPUT_VARIABLE: str(order.input)} if order.input is not None else {}
        done = script.run(
            self.argv,
            cwd=self.installed.path,
            env=environment.variables(self.installed.name, places, {**given, **order.env}),
            log=places.logs / f"{run_id}.log",
            progress=progress,
            timeout=order.timeout_s,
        )
        ended(done)
        return done


@dataclass(frozen=True)
class _Container:
    command: str
    ready: Ready
    order: Order
    around: Surroundings

    def start(self, run_id: str, progress: Progress, ended: Ended) -> Execution:
        from roforlmao.runs.history import this_process
        from roforlmao.tools import container

        return container.run(
            self.ready,
            run_id,
            self.around.places,
            progress,
            owner=this_process(),
            timeout=self.order.timeout_s,
            ended=ended,
        )


def check(installed: Installed, order: Order) -> None:
    """What can be told of an order long before it is carried out. Errors: NotFound, BadInput."""
    if installed.kind == "script":
        _program(installed, order)


def _program(installed: Installed, order: Order) -> tuple[str, list[str]]:
    from roforlmao.tools.argv import argv

    command = command_of(installed, order)
    return command.name, argv(command, order.args, installed.path)


def _script(installed: Installed, order: Order, around: Surroundings) -> Task:
    return _Script(*_program(installed, order), installed, order, around)


def _container(installed: Installed, order: Order, around: Surroundings) -> Task:
    from roforlmao.tools import container

    ready = container.prepare(
        installed,
        container.words_of(order.command, order.args),
        around.places,
        around.containers.of(order.tool),
        around.environ,
        env=order.env,
        directory=order.input,
    )
    return _Container(order.command or container.DEFAULT_COMMAND, ready, order, around)


def command_of(installed: Installed, order: Order) -> Command:
    """The command that the order names, or the tool's only one. Errors: NotFound."""
    commands = {command.name: command for command in installed.definition.commands}
    if order.command is None and len(commands) == 1:
        return next(iter(commands.values()))
    if order.command not in commands:
        what = f"no command '{order.command}'" if order.command else "several commands"
        raise NotFound(f"{order.tool} has {what}.", f"Its commands: {', '.join(commands)}.")
    return commands[order.command]
