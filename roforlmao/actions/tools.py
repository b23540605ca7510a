"""Tools: register, find, install, update, remove."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

from roforlmao.actions import choices, parse
from roforlmao.actions.base import Action, Answers, FollowUp, Parameter, Report
from roforlmao.actions.imagelabels import from_label, source
from roforlmao.actions.taken import OTHERS, REPLACE, must_be_free, must_be_own
from roforlmao.actions.vouching import VOUCHED, vouch, with_signatures
from roforlmao.errors import BadInput
from roforlmao.models import Tool, as_json
from roforlmao.progress import Progress
from roforlmao.text import counted, one_line

if TYPE_CHECKING:
    from roforlmao.app import App
    from roforlmao.tools.install import Installed

_TABLE = ("name", "kind", "author", "artefact", "description")


def get(app: App, _progress: Progress, name: str | None = None) -> Report:
    if name:
        tool = app.catalog.tool(name)
        signed = app.keyring.standing(tool)
        rows = [*_card(as_json(tool)), ["signature", signed.words]]
        return Report({**as_json(tool), **signed.document}, f"Tool {tool.name}", ("", ""), rows)
    entries = app.catalog.tools()
    rows = [[one_line(str(getattr(tool, column)), 200) for column in _TABLE] for tool in entries.good]
    listed = Report(as_json(entries.good), "Registered tools", _TABLE, rows, warnings=entries.warnings)
    return with_signatures(app, entries.good, listed)


def add(
    app: App,
    progress: Progress,
    name: str,
    author: str | None = None,
    image: str | None = None,
    data_repo: str | None = None,
    code_repo: str | None = None,
    artefact: str | None = None,
    description: str | None = None,
    unchecked: bool = False,
    replace: bool = False,
) -> Report:
    from roforlmao.tools.reach import check_reachable

    if not (image or code_repo):
        raise BadInput(
            f"'{name}' names neither an image nor a code repository.",
            "A container tool has an image, a script tool a --code-repo.",
        )
    tool = Tool(
        name,
        author or app.operator,
        image or "",
        data_repo or "",
        code_repo or "",
        artefact or "",
        description or "",
        "container" if image else "script",
    )
    must_be_free("tool", name, app.catalog.tool, replace=replace)
    repositories = {"code repository": tool.code_repo, "data repository": tool.data_repo}
    check_reachable(repositories, tool.image, progress, unchecked=unchecked)
    added = app.catalog.add_tool(tool, replace=replace)
    after = FollowUp("tool", "install", {"name": name}, f"Install {name} now?")
    return Report(as_json(added), lines=[f"Registered {name} ({added.kind} tool)."], follow_up=after)


def remove(app: App, _progress: Progress, name: str, others: bool = False) -> Report:
    must_be_own("tool", name, app.catalog.tool, app.operator, others=others)
    removed = app.catalog.remove_tool(name)
    return Report(as_json(removed), lines=[f"{name} is no longer registered. Its local clone stays."])


def import_file(app: App, progress: Progress, file: Path) -> Report:
    from roforlmao.actions.marketplace import import_tools

    outcome = import_tools(file, app.catalog, app.operator, progress)
    lines = [
        f"Added: {', '.join(outcome.added) or 'none'}.",
        f"Skipped: {', '.join(outcome.skipped) or 'none'}.",
    ]
    warnings = [f"{failure['name']}: {failure['reason']}" for failure in outcome.failed]
    return Report(as_json(outcome), "Marketplace file", lines=lines, warnings=warnings)


def install(
    app: App, progress: Progress, name: str, trust: bool | str = False, vouched: bool | str = False
) -> Report:
    from roforlmao.tools.install import install as installer

    done = _brought_here(app, progress, name, trust, vouched, installer)
    run = FollowUp("tool", "run", {"name": name}, f"Run {name} now?")
    return Report(_place(done), lines=[f"Installed {name}.", *_where(done)], follow_up=run)


def update(
    app: App, progress: Progress, name: str, trust: bool | str = False, vouched: bool | str = False
) -> Report:
    from roforlmao.tools.update import update as updater

    done = _brought_here(app, progress, name, trust, vouched, updater)
    return Report(_place(done), lines=[f"{name} is up to date.", *_where(done)])


def _brought_here(
    app: App,
    progress: Progress,
    name: str,
    trust: bool | str,
    vouched: bool | str,
    bring: Callable[..., Installed],
) -> Installed:
    tool = app.catalog.tool(name)
    vouch(app, tool, vouched)
    local = app.catalog.trusts_paths_of(tool.registered_by, tool.code_repo, tool.data_repo)
    return bring(
        tool,
        app.places,
        progress,
        local=local,
        trust=trust,
        environ=app.environ,
        limits=app.config.containers.of(name),
    )


def uninstall(app: App, _progress: Progress, name: str) -> Report:
    from roforlmao.tools import install as installer

    gone = installer.uninstall(name, app.places, app.environ)
    return Report(_place(gone), lines=[f"Uninstalled {name}. `tool help {name}` still works."])


def installed(app: App, _progress: Progress) -> Report:
    from roforlmao.tools import install as installer

    found = installer.installed(app.places)
    rows = [
        [i.name, i.kind, _version(i), i.installed_at[:16], one_line(i.image) or str(i.path)] for i in found
    ]
    columns = ("name", "kind", "version", "installed", "path or image")
    data = [{**_place(i), "kind": i.kind, "installed_at": i.installed_at} for i in found]
    return Report(data, "Installed tools", columns, rows)


def help_of(app: App, _progress: Progress, name: str) -> Report:
    from roforlmao.tools import install as installer

    definition = installer.help_of(name, app.places)
    rows = []
    for command in definition.commands:
        rows.append([command.name, "", command.description])
        rows += [["", argument.name, argument.description] for argument in command.arguments]
    lines = [definition.description] if definition.description else []
    title = f"{definition.name}: commands and their arguments"
    return Report(as_json(definition), title, ("command", "argument", "description"), rows, lines=lines)


def _card(entry: dict[str, Any]) -> list[list[str]]:
    return [[key, one_line(str(value), 2000)] for key, value in entry.items() if value not in ("", None)]


def _place(done: Installed) -> dict[str, Any]:
    return {
        "name": done.name,
        "path": str(done.path),
        "data_path": str(done.data_path) if done.data_path else "",
        "commit": done.commit,
        "digest": done.digest,
    }


def _version(tool: Installed) -> str:
    """As short as git shows it: a commit, or the beginning of an image's digest."""
    return tool.commit[:12] or tool.digest.removeprefix("sha256:")[:12]


def _where(done: Installed) -> list[str]:
    if done.kind == "container":
        lines = [f"Image: {one_line(done.image)}, pinned to {one_line(done.digest)}."]
    else:
        lines = [f"Code: {done.path} at {_version(done)}."]
    lines.append(f"Data: {done.data_path}." if done.data_path else "It has no data repository.")
    if done.kind == "script":
        lines.append(f"It has {counted(len(done.definition.commands), 'command')}.")
    return [*lines, *done.notes]


NAME = Parameter("name", "the tool", parse.tool_name, choices=choices.registered_tools)
INSTALLED = Parameter("name", "the installed tool", parse.tool_name, choices=choices.installed_tools)
TRUST = Parameter("trust", "trust what it will run without being asked", form="flag", asked=False)
UNCHECKED = Parameter(
    "unchecked", "register even if the repositories do not answer", form="flag", asked=False
)


def _entry(
    name: str, help_: str, parser: Any, default: Callable[[App, Answers], str] | None = None
) -> Parameter:
    metavar = "URL" if parser is parse.optional_url else ""
    return Parameter(name, help_, parser, form="either", required=False, metavar=metavar, default=default)


ACTIONS = (
    Action(
        "tool",
        "get",
        "Registered tools",
        get,
        (
            Parameter(
                "name",
                "one tool",
                parse.tool_name,
                required=False,
                asked=False,
                choices=choices.registered_tools,
            ),
        ),
    ),
    Action(
        "tool",
        "add",
        "Register a tool",
        add,
        (
            Parameter("name", "name of the tool", parse.tool_name),
            _entry("author", "who wrote it (default: you)", parse.line, from_label("authors", "vendor")),
            _entry("image", "container image (empty for a script tool)", parse.image_name),
            _entry("data_repo", "URL of its data repository", parse.optional_url),
            _entry("code_repo", "URL of its code repository (with mao.yml)", parse.optional_url, source),
            _entry("artefact", "what it watches, such as dockerhub", parse.line),
            Parameter(
                "description",
                "description, in one line",
                parse.line,
                form="option",
                required=False,
                default=from_label("description", "title"),
            ),
            UNCHECKED,
            REPLACE,
        ),
        asks=("name", "image"),
    ),
    Action(
        "tool",
        "import",
        "Register from a marketplace file",
        import_file,
        (Parameter("file", "a JSON list of entries", parse.path),),
    ),
    Action("tool", "remove", "Unregister a tool", remove, (NAME, OTHERS), destructive=True),
    Action(
        "tool",
        "install",
        "Install a tool",
        install,
        (Parameter("name", "the tool", parse.tool_name, choices=choices.not_installed_tools), TRUST, VOUCHED),
    ),
    Action("tool", "installed", "Installed tools", installed),
    Action("tool", "help", "Help of a tool", help_of, (INSTALLED,)),
    Action("tool", "update", "Update a tool", update, (INSTALLED, TRUST, VOUCHED)),
    Action("tool", "uninstall", "Uninstall a tool", uninstall, (INSTALLED,), destructive=True),
)
