"""The receipts in a clone's history."""

from __future__ import annotations

from pathlib import Path

from roforlmao.git.receipt import Receipt, read_receipt
from roforlmao.git.repository import open_repository


def receipts(path: Path, limit: int = 200) -> list[Receipt]:
    """Those of the newest ``limit`` commits, newest first. Errors: GitFailed."""
    repository = open_repository(path)
    if not repository.head:
        return []
    text = repository.text("log", f"--max-count={limit}", "--format=%B%x00", "HEAD")
    found = (read_receipt(message.strip("\n")) for message in text.split("\0"))
    return [receipt for receipt in found if receipt.date]
