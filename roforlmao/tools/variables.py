"""The environment variables that a tool sees, and where its program is found."""

from __future__ import annotations

import os
import re
import shutil
import sys
from collections.abc import Mapping
from pathlib import Path

from roforlmao.errors import BadInput, ToolFailed
from roforlmao.text import one_line

INPUT_VARIABLE = "ROFORLMAO_INPUT"
"""How a tool learns where the dataset is that it reads."""
_KEPT = {"PATH", "HOME", "LANG", "LANGUAGE", "TZ", "TMPDIR"}
_CERTIFICATES = {"SSL_CERT_FILE", "SSL_CERT_DIR", "REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE"}
_PROXIES = {"http_proxy", "https_proxy", "ftp_proxy", "all_proxy", "no_proxy"}
_KEY = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")


def minimal(
    own: Mapping[str, str] | None = None,
    *,
    programs: Path | None = None,
    source: Mapping[str, str] | None = None,
) -> dict[str, str]:
    """What a tool may see of ``source`` (default: this process's environment).

    No tokens, no agents, no git or Python settings. ``programs`` (a tool's own environment)
    comes first in PATH; the launcher's own environment is left out of it. ``own`` are the
    operator's pairs, which win. Python's output is unbuffered so that it is seen live.
    """
    source = os.environ if source is None else source
    kept = {key: value for key, value in source.items() if _is_kept(key)}
    kept["PATH"] = _search_path(kept.get("PATH", os.defpath), programs)
    kept["PYTHONUNBUFFERED"] = "1"
    return {**kept, **(own or {})}


def parse_pair(text: str) -> tuple[str, str]:
    """``KEY=VALUE`` of ``--env``. Errors: BadInput."""
    key, equals, value = text.partition("=")
    if not equals or not _KEY.fullmatch(key) or "\0" in value:
        raise BadInput(f"'{one_line(text, 40)}' is not a variable.", "Write it as NAME=value.")
    return key, value


def find_program(name: str, env: Mapping[str, str]) -> str:
    """The program's path. Errors: ToolFailed where it is not there or may not be run.

    ``python`` and ``python3`` are always found: where PATH has none, this launcher's own.
    """
    found = shutil.which(name, path=env.get("PATH", os.defpath))
    if found:
        return found
    if name in ("python", "python3"):
        return base_python()
    shown = one_line(name, 100)
    if "/" in name and Path(name).exists():
        raise ToolFailed(f"'{shown}' may not be executed.", "The tool's author has to set its x permission.")
    raise ToolFailed(f"The program '{shown}' is not installed here.", "Install it, then try again.")


def base_python() -> str:
    """The interpreter below the launcher's own virtual environment."""
    return str(getattr(sys, "_base_executable", "") or sys.executable)


def _is_kept(key: str) -> bool:
    return key in _KEPT | _CERTIFICATES or key.startswith("LC_") or key.lower() in _PROXIES


def _search_path(path: str, programs: Path | None) -> str:
    own = Path(sys.prefix) / "bin" if sys.prefix != sys.base_prefix else None
    kept = [part for part in path.split(os.pathsep) if part and (own is None or Path(part) != own)]
    return os.pathsep.join([str(programs), *kept] if programs else kept)
