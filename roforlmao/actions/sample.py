"""The sample observatory: the whole way of a snapshot, on this machine and in a minute."""

from __future__ import annotations

import csv
import shutil
from pathlib import Path
from typing import TYPE_CHECKING, Any

from roforlmao.actions import hubs, parse, running, tools
from roforlmao.actions.base import Action, Parameter, Report
from roforlmao.errors import EngineFailed, Refused
from roforlmao.models import as_json
from roforlmao.paths import Home, make_directory
from roforlmao.progress import Progress
from roforlmao.text import counted, one_line

if TYPE_CHECKING:
    from roforlmao.app import App

_TOOL = "python-packages"
_HUB = "python-distributions"
_MARK = "this-is-the-roforlmao-sample"
_SHOWN = 5
_CONTAINER_TOOL = "container-mounts"
_CONTAINER_HUB = "container-mounts"


def demo(app: App, progress: Progress, directory: Path | None = None) -> Report:
    """Two operators, alice and bob: she collects and publishes, he retrieves what she announced."""
    place = _fresh(directory or app.home.root / "sample")
    alice, bob = _operator(app, place, "alice"), _operator(app, place, "bob")
    try:
        story = _collected(alice, place, progress)
        progress.checkpoint()
        story += _contained(alice, place, progress)
        progress.checkpoint()
        retrieved = hubs.retrieve(bob, progress, _HUB, alice.today(), "alice")
        story.append(f"bob finds what alice announced and retrieves it: {retrieved.data['path']}")
    finally:
        alice.close()
        bob.close()
    snapshot = Path(retrieved.data["path"]) / f"distributions-{app.today()}.csv"
    return _report(place, story, snapshot)


def _fresh(place: Path) -> Path:
    if place.exists() and any(place.iterdir()):
        if not (place / _MARK).exists():
            raise Refused(f"{place} holds something else.", "Choose an empty directory with --directory.")
        shutil.rmtree(place)
    make_directory(place)
    (place / _MARK).touch()
    return place


def _operator(app: App, place: Path, name: str) -> App:
    """A launcher of its own home; both share one registry file."""
    from roforlmao.app import App as Launcher
    from roforlmao.config import write

    home = Home(place / name, place / name / "config.yaml")
    shared = {"registry.sqlite.path": str(place / "registry.sqlite"), "allow_local_repositories": True}
    write(home.config, {"operator": name, **shared})
    environ = {key: value for key, value in app.environ.items() if not key.startswith("ROFORLMAO_")}
    return Launcher(home, environ, app.now)


def _collected(alice: App, place: Path, progress: Progress) -> list[str]:
    from roforlmao.sample.repositories import make_collector, make_empty

    progress.start("Making the remotes")
    code, data = make_collector(place / "remotes" / "collector"), make_empty(place / "remotes" / "data.git")
    tools.add(alice, progress, _TOOL, code_repo=code, data_repo=data, artefact="python")
    story = [f"alice registers {_TOOL}, a script tool from {code}"]
    # The code is our own, shipped with this launcher: there is nothing foreign to ask about.
    installed = tools.install(alice, progress, _TOOL, trust=True)
    story.append(f"she installs it: {installed.data['path']}")
    today = alice.today()
    done = running.run(alice, progress, _TOOL, "collect", (today,), hub=_HUB, sync=True)
    story.append(f"runs it: {done.data['state']}, {one_line(done.data['verdict']['reason'])}")
    story.append(f"commits `sync {today}`, pushes, announces {done.data['sync']['key']}")
    return story


def _contained(alice: App, place: Path, progress: Progress) -> list[str]:
    """A container tool, where there is an engine to run it and something to make its image of."""
    from roforlmao.sample.image import make_image, static_busybox
    from roforlmao.sample.repositories import make_empty
    from roforlmao.tools import pulled

    busybox = static_busybox()
    if busybox is None:
        return ["a container tool is left out: its image is made of a static busybox, and there is none"]
    progress.start("Making an image")
    try:
        image = make_image(place, busybox, alice.environ)
    except EngineFailed as error:
        return [f"a container tool is left out: {error.message}"]
    data = make_empty(place / "remotes" / "container-data.git")
    # No registry has the image, and it is our own: nothing to look for, nothing foreign to ask about.
    tools.add(
        alice, progress, _CONTAINER_TOOL, image=image, data_repo=data, artefact="containers", unchecked=True
    )
    installed = tools.install(alice, progress, _CONTAINER_TOOL, trust=True)
    # As if it had been pulled: `tool uninstall` removes it.
    pulled.note(installed.data["digest"], _CONTAINER_TOOL, alice.places)
    today = alice.today()
    done = running.run(alice, progress, _CONTAINER_TOOL, args=(today,), hub=_CONTAINER_HUB, sync=True)
    return [
        f"she makes the image {image} from busybox and installs it: {one_line(installed.data['digest'])}",
        f"runs it in a container: {done.data['state']}, announces {done.data['sync']['key'] or 'nothing'}",
    ]


def _report(place: Path, story: list[str], snapshot: Path) -> Report:
    with snapshot.open(encoding="utf-8", newline="") as handle:
        header, *rows = list(csv.reader(handle))
    largest = sorted(rows, key=lambda row: -int(row[3]))[:_SHOWN]
    home = f"python launcher.py --home {place / 'bob'}"
    lines = [f"{number}. {line}" for number, line in enumerate(story, 1)]
    lines.append(f"What came: {counted(len(rows), 'distribution')}; the {len(largest)} largest below.")
    lines.append(f"Look around as bob: {home}")
    data: dict[str, Any] = {
        "directory": str(place),
        "snapshot": str(snapshot),
        "rows": len(rows),
        "story": story,
    }
    return Report(as_json(data), "The sample observatory", header, largest, lines=lines)


ACTIONS = (
    Action(
        "",
        "demo",
        "Try it with a sample",
        demo,
        (
            Parameter(
                "directory",
                "where to build it (default: below the home)",
                parse.path,
                "option",
                False,
                metavar="DIR",
                asked=False,
            ),
        ),
        help="Builds a federation of two operators, runs a real collector, and retrieves what it found.",
    ),
)
