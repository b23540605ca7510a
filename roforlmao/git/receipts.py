"""The receipts in a clone's history."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from roforlmao.git.receipt import Receipt, read_receipt
from roforlmao.git.repository import Repository, open_repository


@dataclass(frozen=True)
class Recorded:
    """A receipt with its commit; ``published`` where the remote was seen to have it."""

    commit: str
    receipt: Receipt
    published: bool


def receipts(path: Path, limit: int = 200) -> list[Receipt]:
    """Those of the newest ``limit`` commits, newest first. Errors: GitFailed."""
    repository = open_repository(path)
    if not repository.head:
        return []
    return [receipt for receipt in commits(repository, "HEAD", limit) if receipt.date]


def commits(repository: Repository, span: str, limit: int = 200) -> list[Receipt]:
    """What each commit of a span such as ``before..after`` says of itself, newest first, merges left out."""
    text = repository.text("log", "--no-merges", f"--max-count={limit}", "--format=%B%x00", span, "--")
    return [read_receipt(message.strip("\n")) for message in text.split("\0") if message.strip("\n")]


def recorded(path: Path, limit: int = 1000) -> list[Recorded]:
    """The receipts of a clone's newest commits, newest first. Errors: GitFailed."""
    repository = open_repository(path)
    if not repository.head:
        return []
    text = repository.text("log", f"--max-count={limit}", "--format=%H%n%B%x00", "HEAD", "--")
    seen = repository.resolve(repository.tracking)
    waiting = set(repository.text("rev-list", "HEAD", *([f"^{seen}"] if seen else []), "--").split())
    found = (message.strip("\n").partition("\n") for message in text.split("\0") if message.strip("\n"))
    return [
        Recorded(commit, receipt, commit not in waiting)
        for commit, _, body in found
        if (receipt := read_receipt(body)).date
    ]
