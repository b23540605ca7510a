"""What foreign code will run, from where and by whom; and the operator's yes to exactly that."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence
from dataclasses import dataclass, replace
from difflib import unified_diff
from pathlib import Path

from roforlmao.errors import NotFound, Remedy, Untrusted
from roforlmao.models import Tool
from roforlmao.paths import Places
from roforlmao.text import clean, counted, one_line
from roforlmao.tools import definition, records
from roforlmao.tools.argv import program, script_words
from roforlmao.tools.model import Definition
from roforlmao.tools.records import Installed

_SHOWN_LINES = 500
_FOLD = 160
_TEXT_LIMIT = 1_000_000  # bytes of an installer that are read


@dataclass(frozen=True)
class Review:
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


def review(
    name: str, code_repo: str, commit: str, registered_by: str, directory: Path, found: Definition
) -> Review:
    """The review of a clone. Errors: BadInput."""
    text = _read(definition.find(directory))
    return Review(name, code_repo, commit, registered_by, installer_text(directory, found), text)


def installer_text(directory: Path, found: Definition) -> str:
    """The installer's words, and the text of its script where that is a file; '' without one."""
    if found.installer is None:
        return ""
    text = f"$ {found.installer.command} {found.installer.script}".rstrip() + "\n"
    words = script_words(found.installer.script, directory)
    if "/" in found.installer.command:
        words.insert(0, program(found.installer.command, directory))
    return text + "".join(_read(path) for word in words if (path := directory / word).is_file())


def require(asked: Review, trust: bool | str, *, changes: Sequence[str] = ()) -> None:
    """Passes when ``trust`` is True or this review's fingerprint.

    Errors: Untrusted, whose remedy is the fingerprint and shows the review or the ``changes``.
    """
    if trust is True or trust == asked.fingerprint:
        return
    what = "changed since you trusted it" if changes else "is not trusted yet"
    raise Untrusted(
        f"The tool '{asked.name}' {what}: it runs code from {one_line(asked.code_repo, 120)}.",
        "Look at what it will run; --trust says yes.",
        remedy=Remedy(
            "trust",
            asked.fingerprint,
            "Trust this and go on?",
            (*_origin(asked), *(changes or _all_of(asked))),
            safe=False,
        ),
    )


def differences(before: Review, after: Review) -> list[str]:
    """What changed between two reviews, as lines to show."""
    lines = []
    if before.code_repo != after.code_repo:
        lines.append(f"Source: was {one_line(before.code_repo, 200)}, is {one_line(after.code_repo, 200)}")
    for title, old, new in (
        ("definition", before.definition_text, after.definition_text),
        ("installer", before.installer_text, after.installer_text),
    ):
        if old != new:
            lines += _diff(title, old, new)
        else:
            lines.append(f"The {title} is the same.")
    return lines


def check_trust(installed: Installed, tool: Tool | None, places: Places, trust: bool | str) -> Installed:
    """Whether what a run would start is what the operator trusted; returns the tool as it is now.

    ``tool`` is the registry's entry, None where there is none. A changed entry, commit,
    definition or installer asks again; a yes is recorded. Errors: Untrusted, BadInput,
    NotFound (the clone is gone), GitFailed.
    """
    now, found = _as_it_is(installed, tool)
    if now.fingerprint == installed.fingerprint:
        return installed
    require(now, trust, changes=_since(installed, now, found))
    accepted = replace(
        installed,
        code_repo=now.code_repo,
        commit=now.commit,
        fingerprint=now.fingerprint,
        definition=found,
    )
    return records.save(accepted, places)


def _as_it_is(installed: Installed, tool: Tool | None) -> tuple[Review, Definition]:
    from roforlmao.git.clone import head

    if not installed.path.is_dir():
        raise NotFound(
            f"The clone of '{installed.name}' is gone from {installed.path}.",
            f"Bring it back: `tool update {installed.name}`.",
        )
    found = definition.read(installed.path, installed.name)
    source = tool.code_repo if tool else installed.code_repo
    by = tool.registered_by if tool else installed.registered_by
    return review(installed.name, source, head(installed.path), by, installed.path, found), found


def _since(installed: Installed, now: Review, found: Definition) -> list[str]:
    lines = []
    if now.code_repo != installed.code_repo:
        lines.append(f"The registry now names {one_line(now.code_repo, 200)} as its source,")
        lines.append(f"but what is installed came from {one_line(installed.code_repo, 200)}.")
    if now.commit != installed.commit:
        lines.append(f"The clone stands at {now.commit[:12]}, trusted was {installed.commit[:12]}.")
    if found != installed.definition:
        lines.append("Its definition (mao.yml) is another one.")
    return [*lines, "What it holds now:", *_all_of(now)]


def _origin(asked: Review) -> list[str]:
    return [
        f"Source: {one_line(asked.code_repo, 200)}",
        f"Commit: {asked.commit}",
        f"Registered by: {one_line(asked.registered_by, 100) or 'unknown'}",
    ]


def _all_of(asked: Review) -> list[str]:
    return [*_installer_lines(asked), "Its definition:", *_shown(asked.definition_text)]


def _installer_lines(asked: Review) -> list[str]:
    if not asked.installer_text:
        return ["It has no installer."]
    return ["Its installer:", *_shown(asked.installer_text)]


def _diff(title: str, old: str, new: str) -> list[str]:
    lines = unified_diff(old.splitlines(), new.splitlines(), "before", "after", n=2, lineterm="")
    return [f"The {title} changed:", *_shown("\n".join(lines))]


def _shown(text: str) -> list[str]:
    lines = [
        part for line in clean(text.replace("\r", "\n")).rstrip("\n").split("\n") for part in _folded(line)
    ]
    if len(lines) <= _SHOWN_LINES:
        return lines
    return [*lines[:_SHOWN_LINES], f"    ... and {counted(len(lines) - _SHOWN_LINES, 'more line')}"]


def _folded(line: str) -> list[str]:
    """A long line in parts: what follows after a hundred spaces must be seen as well."""
    line = line.expandtabs(4)
    return ["    " + line[i : i + _FOLD] for i in range(0, len(line) or 1, _FOLD)]


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
