"""Setting up: the operator's own configuration, and a look at the machine."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from roforlmao.actions import parse
from roforlmao.actions.base import Action, Answers, Choice, Parameter, Report
from roforlmao.app import login_name
from roforlmao.errors import BadInput, RoforlmaoError
from roforlmao.models import as_json
from roforlmao.progress import Progress

if TYPE_CHECKING:
    from roforlmao.app import App


def init(
    app: App,
    progress: Progress,
    operator: str | None = None,
    data: Path | None = None,
    registry: str | None = None,
    endpoint: Sequence[str] = (),
    invite: Path | None = None,
) -> Report:
    from roforlmao.config import write

    changes: dict[str, object] = {"operator": operator or app.operator}
    if data is not None and data != app.home.root:
        changes |= {"paths.work": str(data / "work"), "paths.imports": str(data / "imports")}
    if registry is not None and invite is None:
        changes["registry.backend"] = registry
    if endpoint:
        changes["registry.etcd.endpoints"] = list(endpoint)
    write(app.home.config, changes)
    app.reload()
    warnings = _joined(app, progress, invite) if invite else _silent(app, progress, endpoint)
    lines = [f"You are {app.operator}.", f"Your configuration: {app.home.config}"]
    lines += [f"Your files: {app.places.work}", f"Clones: {app.places.imports}"]
    return Report(_nested(app.config.values), lines=lines, warnings=warnings)


def _joined(app: App, progress: Progress, invite: Path) -> Sequence[str]:
    """Joins by the invite; the name and places are written already, should that fail."""
    from roforlmao.actions.federating import join

    return join(app, progress, file=invite).warnings


def _silent(app: App, progress: Progress, endpoints: Sequence[str]) -> list[str]:
    """What is wrong with endpoints that were just configured: the cluster may be set up later."""
    from roforlmao.federation.joining import probe

    warnings = []
    for one in endpoints:
        progress.start(f"Asking {one}")
        try:
            found = probe(one, app.config.etcd, app.home.root)
        except RoforlmaoError as error:
            warnings.append(f"{error.message} {error.hint}")
        else:
            warnings += [] if found.ok else [f"{found.reason} {found.hint}"]
    return warnings


def configuration(app: App, _progress: Progress) -> Report:
    values = app.config.values
    rows = [[key, "" if value is None else str(as_json(value))] for key, value in values.items()]
    return Report(_nested(values), f"Configuration ({app.home.config})", ("key", "value"), rows)


def _nested(values: Mapping[str, Any]) -> dict[str, Any]:
    """The dotted keys as the sections of a configuration file."""
    sections: dict[str, Any] = {}
    for key, value in values.items():
        *parents, last = key.split(".")
        place = sections
        for parent in parents:
            place = place.setdefault(parent, {})
        place[last] = as_json(value)
    return sections


def doctor(app: App, progress: Progress) -> Report:
    from roforlmao.actions.checkup import checks

    found = checks(app, progress)
    failed = not all(check.ok for check in found)
    rows = [["ok" if c.ok else "FAILED", c.check, c.detail, "" if c.ok else c.hint] for c in found]
    columns: Sequence[str] = ("", "check", "detail", "what to do")
    if not failed:
        rows, columns = [row[:3] for row in rows], columns[:3]
    return Report(as_json(found), "Check-up", columns, rows, exit_status=int(failed))


def _backend(text: str) -> str:
    if text not in ("sqlite", "etcd", "invite"):
        raise BadInput(f"There is no registry '{text}'.", "sqlite or etcd.")
    return text


def _backends(_app: App, _answers: Answers) -> Sequence[Choice]:
    return (
        Choice("sqlite", "Embedded", "a file on this machine; nothing to set up"),
        Choice("etcd", "etcd cluster", "shared with other groups over the network"),
        Choice("invite", "By an invite", "a file that somebody in the federation gave you"),
    )


def _endpoints(_app: App, answers: Answers) -> Sequence[Choice]:
    """An endpoint is asked only where the registry is a cluster."""
    return [Choice("endpoint", "Endpoint (host:port)")] if answers.get("registry") == "etcd" else []


ACTIONS = (
    Action(
        "",
        "init",
        "Set up this launcher",
        init,
        (
            Parameter(
                "operator",
                "your name in the federation",
                parse.operator_name,
                "option",
                False,
                default=lambda app, _: app.config.operator or login_name(),
            ),
            Parameter(
                "data",
                "where to keep your files and clones",
                parse.path,
                "option",
                False,
                metavar="DIR",
                default=lambda app, _: str(app.home.root),
            ),
            Parameter(
                "registry",
                "the registry: sqlite (embedded) or etcd",
                _backend,
                "option",
                False,
                choices=_backends,
            ),
            Parameter(
                "endpoint", "of the cluster", parse.endpoint, "option", False, True, "H:P", each=_endpoints
            ),
            Parameter(
                "invite",
                "join by this invite file",
                parse.path,
                "option",
                False,
                metavar="FILE",
                when=lambda answers: answers.get("registry") == "invite",
            ),
        ),
    ),
    Action("", "doctor", "Check this machine", doctor),
    Action("", "config", "Show the configuration", configuration),
)
