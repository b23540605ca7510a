"""What is to run: an image with its words, mounts and limits, before any engine is asked."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from roforlmao.limits import Limits

DATA = "/usr/src/app/data"
INPUT = "/usr/src/app/input"
SECRETS = "/run/secrets"

RUN_LABEL = "roforlmao.run"
TOOL_LABEL = "roforlmao.tool"
HOME_LABEL = "roforlmao.home"
OWNER_LABEL = "roforlmao.owner"
HOST_LABEL = "roforlmao.host"
END_LABEL = "roforlmao.end"


@dataclass(frozen=True)
class Plan:
    """One container. ``image`` is what the engine is told to run, never a tag that moves.

    Empty ``words`` mean the image's own. ``data`` is mounted at ``DATA``, with its ``.git`` masked;
    ``input`` read-only at ``INPUT``. ``secret_files`` are files by the names of their variables.
    """

    name: str
    image: str
    words: tuple[str, ...]
    data: Path
    limits: Limits
    labels: Mapping[str, str]
    env: Mapping[str, str] = field(default_factory=dict)
    input: Path | None = None
    secret_files: Mapping[str, Path] = field(default_factory=dict)

    @property
    def run_id(self) -> str:
        return self.labels[RUN_LABEL]
