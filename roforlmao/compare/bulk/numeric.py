"""numpy without the threads of its linear algebra, which nobody asks for: a third of its start is theirs."""

from __future__ import annotations

import os
import sys

_THREADS = "OPENBLAS_NUM_THREADS"


def load() -> None:
    """Imports numpy, unless that was done; leaves the environment that tools are given as it was."""
    if "numpy" in sys.modules or _THREADS in os.environ:
        return
    os.environ[_THREADS] = "1"
    try:
        import numpy  # noqa: F401 -- loaded for those who import it next
    finally:
        del os.environ[_THREADS]
