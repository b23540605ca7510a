"""What comes along when a tool is to be installed or updated."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from roforlmao.limits import Limits
from roforlmao.paths import Places
from roforlmao.progress import Progress


@dataclass(frozen=True)
class Wish:
    """Where to, how far it may go, and what the operator said.

    ``local`` allows repositories on this machine; ``trust`` is True or the fingerprint that was shown.
    ``environ`` leads to the container engine; ``limits`` are shown where a container will be trusted.
    """

    places: Places
    progress: Progress
    local: bool
    trust: bool | str
    environ: Mapping[str, str]
    limits: Limits | None = None
