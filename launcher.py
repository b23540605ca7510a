#!/usr/bin/env python3
"""roforlmao: opens the menus, or does one verb and ends."""

import sys

from roforlmao.cli import main

sys.exit(main(sys.argv[1:]))
