"""Installs or updates the tool of a test's world and kills itself at the n-th checkpoint.

``install_once.py TOP install|update|uninstall N``
"""

from __future__ import annotations

import sys
from pathlib import Path

from roforlmao.tools.install import uninstall
from roforlmao.tools.update import update
from tests.faults.gitrepos import Fatal
from tests.faults.toolrepos import again


def main() -> None:
    here = again(Path(sys.argv[1]))
    progress = Fatal(int(sys.argv[3]))
    if sys.argv[2] == "install":
        here.install(progress)
    elif sys.argv[2] == "update":
        update(here.tool, here.places, progress, local=True, trust=True)
    else:
        uninstall("sample", here.places)


if __name__ == "__main__":
    main()
