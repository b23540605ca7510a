"""A script tool for tests: its code and data repositories, a home, and a wheel made by hand."""

from __future__ import annotations

import zipfile
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from roforlmao.models import Tool
from roforlmao.paths import Places
from roforlmao.progress import Progress
from roforlmao.tools import install as installing
from roforlmao.tools.records import Installed
from tests.faults.gitrepos import bare, git, remote_with, write

DEFINITION = """\
Name: sample
Description: A tool for tests
Data:
  Local: out
  Repo: {{Name: sample-data, Remote: '{remote}'}}
{installer}Commands:
  - Name: Run
    Description: Writes what it is told
    Command: python3
    Script: run.py
    Arguments: [{{Name: Text, Description: what to write}}]
"""
INSTALLER = "Installer: {Command: sh, Script: install.sh}\n"
RUN = """\
import pathlib, sys
pathlib.Path("out").mkdir(exist_ok=True)
pathlib.Path("out/a.csv").write_text(sys.argv[1])
"""


def files(installer: str | None = "mkdir out\necho installed\n", remote: str = "") -> dict[str, str]:
    """The files of a code repository; without an installer it has none."""
    text = DEFINITION.format(installer=INSTALLER if installer is not None else "", remote=remote)
    return {"mao.yml": text, "run.py": RUN, **({"install.sh": installer} if installer is not None else {})}


@dataclass(frozen=True)
class World:
    """One operator's home, and a tool whose repositories lie beside it."""

    top: Path
    places: Places
    tool: Tool

    def install(self, progress: Progress | None = None, *, trust: bool | str = True) -> Installed:
        return installing.install(self.tool, self.places, progress or Progress(), local=True, trust=trust)

    def commit(self, changed: Mapping[str, str], message: str = "changed") -> str:
        """A new version of the tool's code, published by its author."""
        seed = self.top / "code.git-seed"
        write(seed, dict(changed))
        git(seed, "add", "-A")
        git(seed, "commit", "--quiet", "-m", message)
        git(seed, "push", "--quiet", "--force", "origin", "HEAD:main")
        return git(seed, "rev-parse", "HEAD")

    def left(self) -> set[str]:
        """All that lies in imports and state, but for logs and locks, down to the tools' names."""
        found = set()
        for directory in (self.places.imports, self.places.state):
            for path in directory.glob("*/*"):
                if path.parent.name not in ("logs", "locks"):
                    found.add(str(path.relative_to(self.top)))
        return found


def world(top: Path, code: dict[str, str] | None = None, *, data: bool = True) -> World:
    """Both repositories and an empty home; git's configuration must be isolated already."""
    places = Places(top / "state", top / "imports", top / "work")
    code_repo = remote_with(top / "code.git", code or files())
    data_repo = bare(top / "data.git") if data else ""
    tool = Tool("sample", code_repo=code_repo, data_repo=data_repo, registered_by="me")
    return World(top, places, tool)


def again(top: Path) -> World:
    """The same world, seen by another process."""
    places = Places(top / "state", top / "imports", top / "work")
    code, data = str(top / "code.git"), str(top / "data.git")
    return World(top, places, Tool("sample", code_repo=code, data_repo=data, registered_by="me"))


def wheel(directory: Path, name: str = "observed", version: str = "1.0") -> Path:
    """A pure wheel with one module; the archive is written by hand, so no build tool is needed."""
    info = f"{name}-{version}.dist-info"
    members = {
        f"{name}.py": f"VERSION = {version!r}\n",
        f"{info}/METADATA": f"Metadata-Version: 2.1\nName: {name}\nVersion: {version}\n",
        f"{info}/WHEEL": "Wheel-Version: 1.0\nGenerator: test\nRoot-Is-Purelib: true\nTag: py3-none-any\n",
    }
    record = "".join(f"{member},,\n" for member in [*members, f"{info}/RECORD"])
    directory.mkdir(parents=True, exist_ok=True)
    path = directory / f"{name}-{version}-py3-none-any.whl"
    with zipfile.ZipFile(path, "w") as archive:
        for member, text in {**members, f"{info}/RECORD": record}.items():
            archive.writestr(member, text)
    return path
