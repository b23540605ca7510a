"""Datasets: register, find, clone, publish from any clone of the operator's own."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from roforlmao.actions import choices, parse
from roforlmao.actions.announcing import publish
from roforlmao.actions.base import Action, Answers, Parameter, Report
from roforlmao.actions.previewing import DRY_RUN, preview
from roforlmao.actions.publishing import ALLOW_LOSS, LEAVE_OUT
from roforlmao.actions.taken import OTHERS, REPLACE, must_be_free, must_be_own
from roforlmao.actions.vouching import VOUCHED, vouch, with_signatures
from roforlmao.models import Clone, Dataset, as_json
from roforlmao.progress import Progress
from roforlmao.text import counted, one_line

if TYPE_CHECKING:
    from roforlmao.app import App

_TABLE = ("name", "url", "registered_by", "description")


def get(app: App, _progress: Progress, name: str | None = None) -> Report:
    if name:
        dataset = app.catalog.dataset(name)
        signed = app.keyring.standing(dataset)
        rows = [[key, one_line(str(value), 2000)] for key, value in as_json(dataset).items() if value]
        rows.append(["signature", signed.words])
        return Report({**as_json(dataset), **signed.document}, f"Dataset {name}", ("", ""), rows)
    entries = app.catalog.datasets()
    rows = [[one_line(str(getattr(dataset, column)), 200) for column in _TABLE] for dataset in entries.good]
    listed = Report(as_json(entries.good), "Registered datasets", _TABLE, rows, warnings=entries.warnings)
    return with_signatures(app, entries.good, listed)


def add(
    app: App,
    progress: Progress,
    name: str,
    url: str,
    description: str | None = None,
    unchecked: bool = False,
    replace: bool = False,
) -> Report:
    from roforlmao.tools.reach import check_reachable

    must_be_free("dataset", name, app.catalog.dataset, replace=replace)
    check_reachable({"repository": url}, "", progress, unchecked=unchecked)
    added = app.catalog.add_dataset(Dataset(name, url, description or ""), replace=replace)
    return Report(as_json(added), lines=[f"Registered the dataset {name}."])


def remove(app: App, _progress: Progress, name: str, others: bool = False) -> Report:
    must_be_own("dataset", name, app.catalog.dataset, app.operator, others=others)
    removed = app.catalog.remove_dataset(name)
    return Report(as_json(removed), lines=[f"{name} is no longer registered. Local clones stay."])


def clone(app: App, progress: Progress, name: str, vouched: bool | str = False) -> Report:
    from roforlmao.data.clones import clone_dataset

    dataset = app.catalog.dataset(name)
    vouch(app, dataset, vouched)
    return clone_report(clone_dataset(dataset, app.catalog, app.places, progress))


def list_local(app: App, _progress: Progress) -> Report:
    from roforlmao.data.clones import data_clones, local_clones

    clones = [*local_clones(app.places), *data_clones(app.places)]
    rows = [[item.name, item.commit[:12], str(item.path)] for item in clones]
    data = [{"name": item.name, "path": str(item.path), "commit": item.commit} for item in clones]
    return Report(data, "Local clones", ("name", "commit", "path"), rows)


def remove_local(app: App, _progress: Progress, name: str, allow_loss: bool = False) -> Report:
    from roforlmao.data.clones import remove_clone

    gone = remove_clone(name, app.places, allow_loss=allow_loss)
    return Report(str(gone.path), lines=[f"Deleted {gone.path}."])


def sync(
    app: App,
    progress: Progress,
    path: Path,
    hub: str,
    date: str | None = None,
    allow_loss: bool = False,
    leave_out: bool = False,
    dry_run: bool = False,
) -> Report:
    from roforlmao.data.share import Delivery

    if dry_run:
        return preview(app, progress, path)
    app.state.remember(f"hub of {path}", hub)
    trailers = {"Operator": app.operator}
    delivery = Delivery(path, hub, date or app.today(), app.operator, trailers, allow_loss, leave_out)
    done = publish(app, delivery, progress)
    shared, files = done.shared, counted(done.shared.files, "changed file")
    lines = [f"Pushed {files} as {shared.commit[:12]} to {shared.url}."]
    if not done.waits:
        lines.append(f"Announced as {done.key}." if done.key else "Not announced: there is no data in it.")
    lines += [f"Left out: {path}" for path in shared.left_out]
    kept = [f"A peer changed {path}; your own uncommitted file was kept." for path in shared.kept]
    return Report(done.as_json(), lines=lines, warnings=[*kept, *done.warnings])


def clone_report(done: Clone) -> Report:
    verb = "Cloned" if done.action == "cloned" else "Updated"
    return Report(as_json(done), lines=[f"{verb} {done.name} at {done.commit[:12]}: {done.path}"])


def _last_hub(app: App, answers: Answers) -> str:
    return app.state.remembered(f"hub of {answers['path']}")


_NAME = Parameter("name", "the dataset", parse.dataset_name, choices=choices.registered_datasets)

ACTIONS = (
    Action(
        "dataset",
        "get",
        "Registered datasets",
        get,
        (
            Parameter(
                "name",
                "one dataset",
                parse.dataset_name,
                required=False,
                asked=False,
                choices=choices.registered_datasets,
            ),
        ),
    ),
    Action(
        "dataset",
        "add",
        "Register a dataset",
        add,
        (
            Parameter("name", "name of the dataset", parse.dataset_name),
            Parameter("url", "URL of its git repository", parse.own_url),
            Parameter("description", "description, in one line", parse.line, "option", False),
            Parameter(
                "unchecked", "register even if the repository does not answer", form="flag", asked=False
            ),
            REPLACE,
        ),
    ),
    Action("dataset", "remove", "Unregister a dataset", remove, (_NAME, OTHERS), destructive=True),
    Action("dataset", "clone", "Clone or update a dataset", clone, (_NAME, VOUCHED)),
    Action("dataset", "list-local", "Local clones", list_local),
    Action(
        "dataset",
        "remove-local",
        "Delete a local clone",
        remove_local,
        (
            Parameter("name", "the clone", parse.line, choices=choices.local_datasets),
            ALLOW_LOSS,
        ),
        destructive=True,
    ),
    Action(
        "dataset",
        "sync",
        "Publish from a clone of your own",
        sync,
        (
            Parameter("path", "the clone's directory", parse.path, choices=choices.syncable),
            Parameter("hub", "the hub that the data is about", parse.hub_name, "option", default=_last_hub),
            Parameter(
                "date", "announce under this day (default: today)", parse.date, "option", False, asked=False
            ),
            ALLOW_LOSS,
            LEAVE_OUT,
            DRY_RUN,
        ),
    ),
)
