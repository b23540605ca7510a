"""What a script tool will run, and from where: shown for trust, and compared with what was trusted."""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass, replace
from pathlib import Path

from roforlmao.errors import NotFound
from roforlmao.models import Tool
from roforlmao.text import one_line
from roforlmao.tools import definition
from roforlmao.tools.argv import program, script_words
from roforlmao.tools.model import Definition
from roforlmao.tools.records import Installed
from roforlmao.tools.review import Standing, difference, shown

_TEXT_LIMIT = 1_000_000  # bytes of an installer that are read


@dataclass(frozen=True)
class ScriptReview:
    """All that the operator is asked to trust; ``fingerprint`` is the hash of it."""

    name: str
    code_repo: str
    commit: str
    registered_by: str
    installer_text: str
    definition_text: str

    @property
    def fingerprint(self) -> str:
        """SHA-256 over source, commit, installer and definition; who registered it may change."""
        parts = [self.name, self.code_repo, self.commit, self.installer_text, self.definition_text]
        return hashlib.sha256(json.dumps(parts).encode()).hexdigest()

    @property
    def runs(self) -> str:
        return f"code from {one_line(self.code_repo, 120)}"

    def origin(self) -> list[str]:
        return [
            f"Source: {one_line(self.code_repo, 200)}",
            f"Commit: {self.commit}",
            f"Registered by: {one_line(self.registered_by, 100) or 'unknown'}",
        ]

    def contents(self) -> list[str]:
        installer = ["Its installer:", *shown(self.installer_text)]
        return [
            *(installer if self.installer_text else ["It has no installer."]),
            "Its definition:",
            *shown(self.definition_text),
        ]


def review(
    name: str, code_repo: str, commit: str, registered_by: str, directory: Path, found: Definition
) -> ScriptReview:
    """The review of a clone. Errors: BadInput."""
    text = _read(definition.find(directory))
    return ScriptReview(name, code_repo, commit, registered_by, installer_text(directory, found), text)


def installer_text(directory: Path, found: Definition) -> str:
    """The installer's words, and the text of its script where that is a file; '' without one."""
    if found.installer is None:
        return ""
    text = f"$ {found.installer.command} {found.installer.script}".rstrip() + "\n"
    words = script_words(found.installer.script, directory)
    if "/" in found.installer.command:
        words.insert(0, program(found.installer.command, directory))
    return text + "".join(_read(path) for word in words if (path := directory / word).is_file())


def differences(before: ScriptReview, after: ScriptReview) -> list[str]:
    """What changed between two reviews, as lines to show."""
    lines = []
    if before.code_repo != after.code_repo:
        lines.append(f"Source: was {one_line(before.code_repo, 200)}, is {one_line(after.code_repo, 200)}")
    for title, old, new in (
        ("definition", before.definition_text, after.definition_text),
        ("installer", before.installer_text, after.installer_text),
    ):
        if old != new:
            lines += difference(title, old, new)
        else:
            lines.append(f"The {title} is the same.")
    return lines


def standing(installed: Installed, tool: Tool | None) -> Standing:
    """What a run would start now. Errors: NotFound (the clone is gone), BadInput, GitFailed."""
    from roforlmao.git.clone import head

    if not installed.path.is_dir():
        raise NotFound(
            f"The clone of '{installed.name}' is gone from {installed.path}.",
            f"Bring it back: `tool update {installed.name}`.",
        )
    found = definition.read(installed.path, installed.name)
    source = tool.code_repo if tool else installed.code_repo
    by = tool.registered_by if tool else installed.registered_by
    now = review(installed.name, source, head(installed.path), by, installed.path, found)
    accepted = replace(
        installed, code_repo=now.code_repo, commit=now.commit, fingerprint=now.fingerprint, definition=found
    )
    return Standing(now, accepted, _since(installed, now, found))


def _since(installed: Installed, now: ScriptReview, found: Definition) -> list[str]:
    lines = []
    if now.code_repo != installed.code_repo:
        lines.append(f"The registry now names {one_line(now.code_repo, 200)} as its source,")
        lines.append(f"but what is installed came from {one_line(installed.code_repo, 200)}.")
    if now.commit != installed.commit:
        lines.append(f"The clone stands at {now.commit[:12]}, trusted was {installed.commit[:12]}.")
    if found != installed.definition:
        lines.append("Its definition (mao.yml) is another one.")
    return lines


def _read(path: Path) -> str:
    """The text, and for what cannot be shown its hash, so that every byte counts."""
    with path.open("rb") as handle:
        content = handle.read(_TEXT_LIMIT + 1)
        digest = hashlib.sha256(content)
        for piece in iter(lambda: handle.read(1 << 20), b""):
            digest.update(piece)
    try:
        if len(content) <= _TEXT_LIMIT:
            return content.decode("utf-8")
    except UnicodeDecodeError:
        pass
    return f"(not a text that can be shown; SHA-256 {digest.hexdigest()})\n"
