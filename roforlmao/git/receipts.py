"""The receipts in a clone's history."""

from __future__ import annotations

from pathlib import Path

from roforlmao.git.receipt import Receipt, read_receipt
from roforlmao.git.repository import Repository, open_repository


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
