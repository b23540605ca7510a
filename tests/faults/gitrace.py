"""One of several operators who sync into the same remote: ``gitrace.py CLONE OPERATOR TIMES``."""

from __future__ import annotations

import sys
from pathlib import Path

from tests.faults.gitrepos import sync, write


def main(place: Path, operator: str, times: int) -> None:
    for number in range(times):
        write(place, {f"{operator}/{number:03}.csv": f"{operator},{number}\n"})
        sync(place, operator)


if __name__ == "__main__":
    main(Path(sys.argv[1]), sys.argv[2], int(sys.argv[3]))
