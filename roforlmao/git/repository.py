"""A clone on this machine: where it stands, and git commands in it."""

from __future__ import annotations

import os
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path

from roforlmao.errors import GitFailed
from roforlmao.git import command
from roforlmao.progress import Progress
from roforlmao.text import one_line

_REMOTE = "origin"
_UNDER_WAY = {
    "MERGE_HEAD": "merge",
    "CHERRY_PICK_HEAD": "cherry-pick",
    "REVERT_HEAD": "revert",
    "rebase-merge": "rebase",
    "rebase-apply": "rebase",
    "BISECT_LOG": "bisect",
}


@dataclass(frozen=True)
class Setting:
    """One line of the configuration; ``scope`` is system, global, local, worktree or command."""

    scope: str
    key: str
    value: str


@dataclass(frozen=True)
class Repository:
    """The clone whose top directory is ``path``, for the length of one operation.

    Configuration and branch are read once: whoever holds the clone sees them unchanged.
    """

    path: Path
    progress: Progress = field(default_factory=Progress)

    def git(
        self,
        *arguments: str,
        given: bytes | None = None,
        index: Path | None = None,
        env: Mapping[str, str] | None = None,
        allowed: Collection[int] = (0,),
    ) -> bytes:
        """What a local command wrote; ``index`` is the index file that it uses."""
        return self.outcome(*arguments, given=given, index=index, env=env, allowed=allowed).out

    def outcome(
        self,
        *arguments: str,
        given: bytes | None = None,
        index: Path | None = None,
        env: Mapping[str, str] | None = None,
        allowed: Collection[int] = (0,),
    ) -> command.Output:
        """The same, with the exit status and standard error."""
        added = {**(env or {}), **({"GIT_INDEX_FILE": str(index)} if index else {})}
        return command.run(
            arguments, cwd=self.path, progress=self.progress, given=given, env=added, allowed=allowed
        )

    def text(self, *arguments: str, index: Path | None = None, allowed: Collection[int] = (0,)) -> str:
        """The same as text without the last newline; bytes that are not UTF-8 survive a round trip."""
        return os.fsdecode(self.git(*arguments, index=index, allowed=allowed)).rstrip("\n")

    def asks(self, *arguments: str) -> bool:
        """Whether a command that answers by exit status 0 or 1 says yes."""
        return self.outcome(*arguments, allowed=(0, 1)).status == 0

    @cached_property
    def git_directory(self) -> Path:
        """The directory of git's own files. Errors: GitFailed when there is none."""
        plain = self.path / ".git"
        if plain.is_dir() and not plain.is_symlink():
            return plain
        return Path(self.text("rev-parse", "--absolute-git-dir"))

    def resolve(self, name: str) -> str:
        """The full commit or tree id, or '' where there is none."""
        return self.text("rev-parse", "--verify", "--quiet", "--end-of-options", name, allowed=(0, 1))

    @cached_property
    def settings(self) -> tuple[Setting, ...]:
        """The whole configuration, includes followed; later lines win."""
        listed = self.git("config", "--list", "--includes", "--show-scope", "-z")
        fields = os.fsdecode(listed).split("\0")
        pairs = zip(fields[::2], fields[1::2], strict=False)
        return tuple(Setting(scope, *entry.partition("\n")[::2]) for scope, entry in pairs)

    def setting(self, key: str) -> str:
        """A value of the configuration, or ''; the key is in git's own spelling."""
        return next((one.value for one in reversed(self.settings) if one.key == key), "")

    @property
    def head(self) -> str:
        """The commit that is checked out; '' in a repository without commits."""
        return self.resolve("HEAD^{commit}")

    @cached_property
    def branch(self) -> str:
        """The branch that is checked out. Errors: GitFailed when the head is detached."""
        name = self._branch_in_file() or self.text(
            "symbolic-ref", "--quiet", "--short", "HEAD", allowed=(0, 1)
        )
        if not name:
            raise GitFailed(
                f"{self.path} stands at a single commit, not on a branch (a detached head).",
                f"Go back to its branch, for example with: git -C {self.path} switch main",
            )
        return name

    def _branch_in_file(self) -> str:
        """Read without a process where HEAD is the plain file that gitrepository-layout(5) describes."""
        try:
            text = (self.git_directory / "HEAD").read_text("utf-8")
        except (OSError, UnicodeDecodeError):
            return ""
        begin = "ref: refs/heads/"
        return text.removeprefix(begin).strip() if text.startswith(begin) else ""

    @property
    def origin(self) -> str:
        """The URL it was cloned from. Errors: GitFailed when there is no remote."""
        url = self.setting(f"remote.{_REMOTE}.url")
        if not url:
            raise GitFailed(
                f"{self.path} has no remote to pull from or push to.",
                f"Name one with: git -C {self.path} remote add origin URL",
            )
        return url

    @property
    def upstream(self) -> str:
        """The name of the remote's branch that ours follows; the same name where none is set."""
        branch = self.branch
        if self.setting(f"branch.{branch}.remote") == _REMOTE:
            merge = self.setting(f"branch.{branch}.merge")
            if merge.startswith("refs/heads/"):
                return merge.removeprefix("refs/heads/")
        return branch

    @property
    def tracking(self) -> str:
        """The ref that remembers where the remote's branch stood."""
        return f"refs/remotes/{_REMOTE}/{self.upstream}"

    def merge_base(self, one: str, other: str) -> str:
        """The commit that both grew from; '' where they share none."""
        return self.text("merge-base", one, other, allowed=(0, 1))

    def has_ancestor(self, descendant: str, ancestor: str) -> bool:
        return self.asks("merge-base", "--is-ancestor", ancestor, descendant)


def open_repository(path: Path, progress: Progress | None = None) -> Repository:
    """The clone at ``path``, fit to be changed.

    Errors: GitFailed where it is not the top of a clone, or a merge or the like is under way.
    """
    repository = Repository(path.resolve(), progress or Progress())
    if not path.is_dir() or not (path / ".git").exists():
        raise GitFailed(
            f"{one_line(str(path))} is not a git repository.", "Choose the top directory of a clone."
        )
    directory = repository.git_directory
    for name, what in _UNDER_WAY.items():
        if (directory / name).exists():
            raise GitFailed(
                f"A {what} is under way in {path}.",
                f"Finish it, or give it up with: git -C {path} {what} --abort",
            )
    return repository


def origin(path: Path) -> str:
    """The URL that the clone came from. Errors: GitFailed."""
    return open_repository(path).origin


def head(path: Path) -> str:
    """The commit that is checked out, '' when there is none yet. Errors: GitFailed."""
    return open_repository(path).head
