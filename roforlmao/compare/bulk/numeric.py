"""numpy as large files want it: as it is told by the environment when it is imported.

Without the threads of its linear algebra, which nobody asks for: a third of its start is theirs. And without
huge pages (https://numpy.org/doc/stable/reference/global_state.html): to get them took the system a tenth of
a whole comparison more than pages as they come.
"""

from __future__ import annotations

import os
import sys

_WANTED = {"OPENBLAS_NUM_THREADS": "1", "NUMPY_MADVISE_HUGEPAGE": "0"}


def load() -> None:
    """Imports numpy, unless that was done; leaves the environment that tools are given as it was."""
    if "numpy" in sys.modules:
        return
    added = [name for name in _WANTED if name not in os.environ]
    os.environ.update({name: _WANTED[name] for name in added})
    try:
        import numpy  # noqa: F401 -- loaded for those who import it next
    finally:
        for name in added:
            del os.environ[name]
