"""A sync: ``prepare``, then ``commit``, then ``publish``; each may be called again after a kill."""

from __future__ import annotations

from roforlmao.git.commit import commit
from roforlmao.git.guard import Loss
from roforlmao.git.publish import Published, publish
from roforlmao.git.stage import Prepared, holds_rows, prepare, reinstate, set_aside

__all__ = [
    "Loss",
    "Prepared",
    "Published",
    "commit",
    "holds_rows",
    "prepare",
    "publish",
    "reinstate",
    "set_aside",
]
