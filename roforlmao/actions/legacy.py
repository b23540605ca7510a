"""The import of an old federation from etcd's v2 keyspace."""

from __future__ import annotations

from typing import TYPE_CHECKING

from roforlmao.actions import parse
from roforlmao.actions.base import Action, Parameter, Report
from roforlmao.errors import BadInput, Remedy
from roforlmao.progress import Progress
from roforlmao.text import counted

if TYPE_CHECKING:
    from roforlmao.app import App
    from roforlmao.federation.importing import Plan

_SHOWN = 200


def import_legacy(
    app: App, progress: Progress, url: str, dry_run: bool = False, write: bool = False
) -> Report:
    from roforlmao.federation import importing, v2keys

    progress.start("Reading the old federation")
    leaves = v2keys.read(url)
    config = app.config
    made = importing.plan(
        leaves, url, app.registry, config.namespace, allow_local=config.allow_local_repositories
    )
    if made.entries and not (dry_run or write):
        raise BadInput(
            f"{counted(len(made.entries), 'entry', 'entries')} would be written to the registry.",
            "Look at them with --dry-run.",
            remedy=Remedy("write", True, "Write them?", tuple(_lines(made)), safe=True),
        )
    if not dry_run:
        importing.write(made, app.registry, config.namespace, progress)
    return _report(made, url, dry_run=dry_run)


def _report(made: Plan, url: str, *, dry_run: bool) -> Report:
    data = {
        "url": url,
        "dry_run": dry_run,
        "read": made.read,
        "added": made.added,
        "unchanged": made.unchanged,
        "kept": made.kept,
        "refused": made.refused,
    }
    title = "What an import would do" if dry_run else "Imported"
    return Report(data, title, lines=_lines(made), exit_status=int(bool(made.kept or made.refused)))


def _lines(made: Plan) -> list[str]:
    here = f"{len(made.unchanged):,} there already, {len(made.kept):,} kept as they are"
    told = [
        f"Read {counted(made.read, 'key')}: {len(made.added):,} new, {here}, {len(made.refused):,} refused."
    ]
    told += [f"new: {key}" for key in made.added[:_SHOWN]]
    told += [f"kept: {one['key']}: {one['reason']}" for one in made.kept[:_SHOWN]]
    return told + [f"refused: {one['key']}: {one['reason']}" for one in made.refused[:_SHOWN]]


ACTIONS = (
    Action(
        "federation",
        "import-legacy",
        "Import an old federation",
        import_legacy,
        (
            Parameter("url", "its etcd, such as http://etcd.example.org:2379", parse.line),
            Parameter("dry_run", "only show what would be done", form="flag", asked=False),
            Parameter("write", "write without being asked", form="flag", asked=False),
        ),
        help="Reads etcd's v2 keyspace over HTTP and writes what is not there yet. What is there stays. "
        "Exit status 1 if something was refused or kept.",
    ),
)
