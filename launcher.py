#!/usr/bin/env python3
"""roforlmao: opens the menus, or does one verb and ends."""

import importlib.util
import os
import sys
from pathlib import Path

if importlib.util.find_spec("platformdirs") is None:  # not the Python that `make run` set up
    own = Path(__file__).resolve().parent / ".venv" / "bin" / "python"
    if not own.exists() or sys.prefix != sys.base_prefix:
        sys.stderr.write("roforlmao is not set up here yet. Run: make run\n")
        sys.exit(2)
    os.execv(own, [str(own), *sys.argv])  # noqa: S606 (no shell: that is what is wanted)

from roforlmao.cli import main

sys.exit(main(sys.argv[1:]))
