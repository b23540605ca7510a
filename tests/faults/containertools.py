"""Container tools for tests: an operator's home with one that is installed, and its data clone."""

from __future__ import annotations

import itertools
import os
import subprocess
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path

from roforlmao.containers.plan import RUN_LABEL
from roforlmao.limits import Limits
from roforlmao.models import Execution
from roforlmao.paths import Places
from roforlmao.progress import Progress
from roforlmao.tools import container, records
from roforlmao.tools.model import Command, Definition
from roforlmao.tools.records import Installed
from tests.faults.engines import Daemon
from tests.faults.gitrepos import remote_with

LIMITS = Limits(memory=64 << 20, cpus=1.0, pids=64, network="none", timeout_s=60.0)
_RUNS = itertools.count(1)


@dataclass(frozen=True)
class Bench:
    """One home beside one engine."""

    daemon: Daemon
    places: Places
    remote: str

    def install(self, name: str, image: str, *, data: bool = True) -> Installed:
        """As `tool install` records it, of an image that is there."""
        with self.daemon.engine() as engine:
            pinned = str(engine.api.inspect_image(image)["Id"])
        data_path = self.places.data / name if data else None
        if data_path is not None and not data_path.exists():
            from roforlmao.git.clone import clone

            clone(self.remote, data_path, local=True)
        run = Command("run", "What the image does", "")
        tool = Installed(
            name=name,
            kind="container",
            path=self.places.tools / name,
            data_path=data_path,
            data_repo=self.remote if data else "",
            code_repo="",
            commit="",
            digest=pinned,
            fingerprint="f",
            registered_by="me",
            installed_at="2026-11-22T08:00:00+00:00",
            definition=Definition(name, "", "", "", "", None, (run,)),
            image=image,
            pinned=pinned,
        )
        return records.save(tool, self.places)

    def run(
        self,
        tool: Installed,
        *words: str,
        limits: Limits = LIMITS,
        progress: Progress | None = None,
        timeout: float | None = 60.0,
        env: Mapping[str, str] | None = None,
        directory: Path | None = None,
        environ: Mapping[str, str] | None = None,
        owner: str = "test",
    ) -> Execution:
        """One run; its log is ``log()`` afterwards."""
        ready = container.prepare(
            tool,
            words,
            self.places,
            limits,
            {**self.daemon.environ, **(environ or {})},
            env=env,
            directory=directory,
        )
        run_id = f"{tool.name}-{os.getpid()}-{next(_RUNS)}"
        told: list[Execution] = []
        done = container.run(
            ready,
            run_id,
            self.places,
            progress or Progress(),
            owner=owner,
            timeout=timeout,
            ended=told.append,
        )
        assert told == [done]
        return done

    def shell(self, tool: Installed, script: str, **given: object) -> Execution:
        """A script inside the image, which has busybox and no entry point."""
        return self.run(tool, "sh", "-c", script, **given)  # type: ignore[arg-type]

    def log(self) -> str:
        """The newest log."""
        newest = max(self.places.logs.glob("*.log"), key=lambda path: path.stat().st_mtime_ns)
        return newest.read_text(encoding="utf-8", errors="replace")

    def left_over(self) -> list[str]:
        """Names of containers of ours that are there, and marks of some that may be."""
        names = [name for one in self.daemon.containers(label=[RUN_LABEL]) for name in one["Names"]]
        return names + [path.name for path in (self.places.state / "containers").glob("*")]


def bench(daemon: Daemon, top: Path) -> Bench:
    """An empty home and a remote with one day of data; git's configuration must be isolated already."""
    places = Places(top / "state", top / "imports", top / "work")
    return Bench(daemon, places, remote_with(top / "data.git", {"day1.csv": "1\n2\n"}))


def limits(**changes: object) -> Limits:
    return replace(LIMITS, **changes)  # type: ignore[arg-type]


def mounted_small(place: Path, size: str = "60m") -> Path:
    """A disk that is soon full."""
    place.mkdir(parents=True)
    subprocess.run(["mount", "-t", "tmpfs", "-o", f"size={size},mode=0755", "tmpfs", place], check=True)
    return place
