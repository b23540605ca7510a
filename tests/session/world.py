"""A small world for whole sessions: remotes on disk, one registry file, operators with homes of their own."""

from __future__ import annotations

import io
import json
import os
import subprocess
import sys
from contextlib import redirect_stderr, redirect_stdout
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from roforlmao.cli import main

PROJECT = Path(__file__).resolve().parents[2]
DATA = PROJECT.parent / "shared" / "data" / "aws-sar" / "autostats"

RELEASER = """
Name: releaser
Description: Releases one recorded day of a real collection per run.
Data:
  Local: data
  Repo: {Name: releaser-data, Remote: ''}
Commands:
  - Name: release
    Description: The day's file goes to the results.
    Command: sh
    Script: release.sh
    Arguments:
      - {Name: directory, Description: where the recorded days are}
      - {Name: day, Description: which one to release}
"""

RELEASE_SH = """set -eu
mkdir -p data
cp "$1/autocontents-$2.csv" data/
wc -l < "data/autocontents-$2.csv" | tr -d ' ' > "data/control-$2.csv"
echo "released $2"
"""

ONE_COMMAND = """
Name: {name}
Data: {{Local: data}}
Commands: [{{Name: go, Command: sh, Script: go.sh}}]
"""
TICK = 'mkdir -p data; date +%s%N > "data/tick-$(date +%s%N).csv"\n'
"""Leaves one more file with each run."""


@dataclass(frozen=True)
class Answer:
    """What a verb left: its exit status, its document (or lines), and standard error."""

    status: int
    out: str
    err: str

    @property
    def data(self) -> Any:
        return json.loads(self.out)


@dataclass(frozen=True)
class Operator:
    """One home; ``verb`` calls the command line in this process, ``command`` gives it for another."""

    name: str
    home: Path

    def verb(self, *words: object) -> Answer:
        out, err = io.StringIO(), io.StringIO()
        with redirect_stdout(out), redirect_stderr(err):
            status = main(["--home", str(self.home), "--json", *map(str, words)])
        return Answer(status, out.getvalue(), err.getvalue())

    def done(self, *words: object) -> Any:
        """The document of a verb that must succeed."""
        answer = self.verb(*words)
        assert answer.status == 0, f"{words}: {answer.status}\n{answer.out}\n{answer.err}"
        return answer.data

    def command(self, *words: object) -> list[str]:
        return [sys.executable, str(PROJECT / "launcher.py"), "--home", str(self.home), *map(str, words)]


class World:
    """Below one directory; ``git`` runs plain git with an identity of the test's own."""

    def __init__(self, root: Path) -> None:
        root.mkdir(parents=True, exist_ok=True)
        self.root = root
        self.registry = root / "registry.sqlite"

    def operator(self, name: str) -> Operator:
        home = self.root / name
        home.mkdir()
        (home / "config.yaml").write_text(
            f"operator: {name}\nallow_local_repositories: true\n"
            f"registry: {{sqlite: {{path: {self.registry}}}}}\n"
        )
        return Operator(name, home)

    def bare(self, name: str) -> str:
        path = self.root / "remotes" / f"{name}.git"
        path.mkdir(parents=True)
        self.git(path, "init", "--quiet", "--bare", "--initial-branch=main")
        return f"file://{path}"

    def tool(self, name: str, files: dict[str, str]) -> str:
        """A tool's repository with these files, committed."""
        path = self.root / "remotes" / name
        path.mkdir(parents=True)
        self.git(path, "init", "--quiet", "--initial-branch=main")
        self.write(path, files)
        self.commit(path)
        return f"file://{path}"

    def script(self, operator: Operator, name: str, go: str = TICK, *, data: bool = False) -> None:
        """Registers and installs a tool whose one command ``go`` is a shell script."""
        words = ["--code-repo", self.tool(name, {"mao.yml": ONE_COMMAND.format(name=name), "go.sh": go})]
        if data:
            words += ["--data-repo", self.bare(f"{name}-data")]
        operator.done("tool", "add", name, *words)
        operator.done("tool", "install", name, "--trust")

    def ticking(self) -> Operator:
        """alice, with the tool ``ticker`` that leaves a file in its data repository with each run."""
        alice = self.operator("alice")
        self.script(alice, "ticker", data=True)
        return alice

    def releaser(self) -> str:
        return self.tool("releaser", {"mao.yml": RELEASER, "release.sh": RELEASE_SH})

    def commit(self, path: Path, message: str = "a change") -> None:
        self.git(path, "add", "--all")
        self.git(path, "commit", "--quiet", "--message", message)

    @staticmethod
    def write(top: Path, files: dict[str, str]) -> None:
        for name, text in files.items():
            target = top / name
            target.parent.mkdir(parents=True, exist_ok=True)
            target.write_text(text)

    @staticmethod
    def git(path: Path, *words: str) -> str:
        identity = ["-c", "user.name=Test", "-c", "user.email=test@example.org"]
        done = subprocess.run(
            ["git", *identity, *words], cwd=path, check=True, capture_output=True, text=True, timeout=60
        )
        return done.stdout.strip()


def clean_environment() -> dict[str, str]:
    """This machine's environment without what would decide a test."""
    return {
        k: v for k, v in os.environ.items() if not k.startswith(("ROFORLMAO_", "GIT_", "COLUMNS", "LINES"))
    }


def days() -> list[str]:
    """The recorded days, oldest first; none where the data is absent."""
    return sorted(p.stem.removeprefix("autocontents-") for p in DATA.glob("autocontents-*.csv"))
