"""A container tool for tests: an image in a real registry, a data repository, a home, and an engine."""

from __future__ import annotations

import os
import sys
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path

from roforlmao.containers.images import Image, find_image
from roforlmao.limits import Limits
from roforlmao.models import Tool
from roforlmao.paths import Places
from roforlmao.progress import Progress
from roforlmao.tools import install as installing
from roforlmao.tools.records import Installed
from roforlmao.tools.update import update
from tests.faults.engines import Daemon, ImageRegistry
from tests.faults.gitrepos import Fatal, bare

LIMITS = Limits(memory=512 << 20, cpus=1.5, pids=256, network="bridge", timeout_s=3600)


@dataclass(frozen=True)
class ImageWorld:
    """One operator's home on an engine; ``tool`` is registered by the operator."""

    top: Path
    places: Places
    tool: Tool
    environ: Mapping[str, str]

    def install(self, progress: Progress | None = None, *, trust: bool | str = True) -> Installed:
        return installing.install(
            self.tool,
            self.places,
            progress or Progress(),
            local=True,
            trust=trust,
            environ=self.environ,
            limits=LIMITS,
        )

    def update(self, progress: Progress | None = None, *, trust: bool | str = True) -> Installed:
        return update(
            self.tool,
            self.places,
            progress or Progress(),
            local=True,
            trust=trust,
            environ=self.environ,
            limits=LIMITS,
        )

    def uninstall(self) -> Installed:
        return installing.uninstall(self.tool.name, self.places, self.environ)

    def called(self, name: str) -> ImageWorld:
        """The same image as another tool."""
        return replace(self, tool=replace(self.tool, name=name))

    def left(self) -> set[str]:
        """All that lies in imports and state, but for logs and locks, down to the tools' names."""
        found = set()
        for directory in (self.places.imports, self.places.state):
            for path in directory.glob("*/*"):
                if path.parent.name not in ("logs", "locks"):
                    found.add(f"{path.parent.parent.name}/{path.parent.name}/{path.name}")
        return found


def image_world(top: Path, image: str, environ: Mapping[str, str], *, data: bool = True) -> ImageWorld:
    """A home below ``top`` with an empty data repository."""
    places = Places(top / "state", top / "imports", top / "work")
    repository = top / "data.git"
    data_repo = ("" if not data else str(repository) if repository.exists() else bare(repository)) or ""
    tool = Tool("spike", image=image, data_repo=data_repo, registered_by="me", kind="container")
    return ImageWorld(top, places, tool, {**os.environ, **environ})


def publish(daemon: Daemon, hub: ImageRegistry, text: str, *changes: str) -> tuple[str, str]:
    """A version of the image under the same tag; returns its name and digest."""
    name = f"{hub.host}/group/spike:latest"
    daemon.import_image(name, f"echo {text}", files={"ballast": os.urandom(200_000)}, changes=changes)
    return name, daemon.push(name)


def held(daemon: Daemon, pinned: str) -> Image | None:
    """The image, if the engine holds it."""
    with daemon.engine() as engine:
        return find_image(engine, pinned)


class FatalAt(Fatal):
    """Kills its own process when a step begins whose label starts so, or its n-th checkpoint from there."""

    def __init__(self, label: str, checkpoints: int) -> None:
        super().__init__(0)
        self._label, self._after = label, checkpoints

    def start(self, label: str, total: int | None = None, unit: str = "") -> None:
        if label.startswith(self._label):
            self.left = self._after


def main() -> None:
    """``imageworld TOP HOST IMAGE install|update LABEL N``: does it, and dies there."""
    top, host, image, action, label, checkpoints = sys.argv[1:]
    here = image_world(Path(top), image, {"DOCKER_HOST": host})
    getattr(here, action)(FatalAt(label, int(checkpoints)))


if __name__ == "__main__":
    main()
