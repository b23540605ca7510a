"""Shorthand for tests of comparisons: two files from bytes or text, compared, as the interface's JSON."""

from __future__ import annotations

from decimal import Decimal
from pathlib import Path
from typing import Any

from roforlmao.compare.engine import Outcome, compare
from roforlmao.compare.options import HeaderChoice, Limits, Options
from roforlmao.models import as_json
from roforlmao.progress import Progress

Content = str | bytes
DEFAULT = Limits()


def outcome(
    top: Path,
    old: Content,
    new: Content,
    *,
    key: tuple[str, ...] = (),
    header: HeaderChoice = "auto",
    delimiter: str | None = None,
    ignore: tuple[str, ...] = (),
    tolerance: str | None = None,
    limits: Limits = DEFAULT,
    moved: bool = False,
) -> Outcome:
    paths = (top / "old.csv", top / "new.csv")
    for path, content in zip(paths, (old, new), strict=True):
        path.write_bytes(content.encode() if isinstance(content, str) else content)
    bound = None if tolerance is None else Decimal(tolerance)
    return compare(*paths, Options(key, header, delimiter, ignore, bound, limits, moved), Progress())


def document(top: Path, old: Content, new: Content, **options: Any) -> Any:
    """The JSON document, its counts in one text such as ``+1 -0 ~2 =3``."""
    found = as_json(outcome(top, old, new, **options).comparison(1000))
    counts = found["counts"]
    found["short"] = "+{added} -{removed} ~{changed} ={unchanged}".format(**counts)
    return found
