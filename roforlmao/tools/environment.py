"""A Python environment of the tool's own, for a tool that has an installer.

It is a virtual environment without pip, made in a tenth of a second: ``pip`` in it is a small
wrapper around the launcher's pip with ``--python`` (pip 22.3 and later), and so is
``python -m pip``. A virtual environment cannot be moved, so it is built where it stays and its
marker is written last: without the marker it does not exist.
"""

from __future__ import annotations

import importlib.util
import shlex
import shutil
import sys
from collections.abc import Mapping
from pathlib import Path

from roforlmao.errors import ToolFailed
from roforlmao.paths import Places, storage_failed, write_atomic
from roforlmao.tools import records
from roforlmao.tools.variables import minimal

_MARKER = ".complete"
_PIP_MODULE = '''"""Runs the launcher's pip for this environment."""
import os, sys
os.execv({python!r}, [{python!r}, "-I", "-m", "pip", "--python", sys.executable, *sys.argv[1:]])
'''


def directory(name: str, places: Places) -> Path:
    """Where the tool's environment is, or would be."""
    return places.state / "environments" / name


def ready(name: str, places: Places) -> bool:
    """Whether it is whole and its Python still exists."""
    place = directory(name, places)
    return (place / _MARKER).is_file() and (place / "bin" / "python").exists()


def build(name: str, places: Places) -> Path:
    """Makes it anew and returns the directory of its programs. Errors: StorageFailed, ToolFailed."""
    import venv

    place = directory(name, places)
    remove(name, places)
    has_pip = importlib.util.find_spec("pip") is not None
    if not has_pip and importlib.util.find_spec("ensurepip") is None:
        raise ToolFailed(
            "There is no pip here to install a tool with.", "Install it (apt install python3-venv)."
        )
    try:
        venv.EnvBuilder(symlinks=True, with_pip=not has_pip).create(place)
        if has_pip:
            _lend_pip(place)
    except OSError as error:
        raise storage_failed(place, error) from error
    write_atomic(place / _MARKER, f"{sys.version}\n")
    return place / "bin"


def remove(name: str, places: Places) -> None:
    """Errors: StorageFailed."""
    _remove(directory(name, places))


def set_aside(name: str, places: Places) -> None:
    """Keeps the present one, to be put back where an update fails. Errors: StorageFailed."""
    forget_aside(name, places)
    if directory(name, places).exists():
        _rename(directory(name, places), _aside(name, places))


def put_back(name: str, places: Places) -> None:
    """The one that was set aside, if any, takes its place again. Errors: StorageFailed."""
    if _aside(name, places).exists():
        remove(name, places)
        _rename(_aside(name, places), directory(name, places))


def forget_aside(name: str, places: Places) -> None:
    """Errors: StorageFailed."""
    _remove(_aside(name, places))


def variables(name: str, places: Places, own: Mapping[str, str] | None = None) -> dict[str, str]:
    """What the tool sees: the minimum, its environment's programs first, then the operator's own pairs.

    Errors: ToolFailed where the tool needs an environment and it is gone.
    """
    tool = records.find(name, places)
    if ready(name, places):
        return minimal(own, programs=directory(name, places) / "bin")
    if tool and tool.definition.installer:
        raise ToolFailed(
            f"The Python environment of '{name}' is gone, or was made by a Python that is.",
            f"Build it again: `tool update {name}`.",
        )
    return minimal(own)


def _aside(name: str, places: Places) -> Path:
    return directory(name, places).with_name(f".{name}.before")


def _rename(old: Path, new: Path) -> None:
    try:
        old.rename(new)
    except OSError as error:
        raise storage_failed(new, error) from error


def _remove(place: Path) -> None:
    try:
        shutil.rmtree(place)
    except FileNotFoundError:
        return
    except OSError as error:
        raise storage_failed(place, error) from error


def _lend_pip(place: Path) -> None:
    command = shlex.join([sys.executable, "-I", "-m", "pip", "--python", str(place / "bin" / "python")])
    for name in ("pip", "pip3"):
        wrapper = place / "bin" / name
        wrapper.write_text(f'#!/bin/sh\nexec {command} "$@"\n', encoding="utf-8")
        wrapper.chmod(0o755)
    library = place / "lib" / f"python{sys.version_info[0]}.{sys.version_info[1]}" / "site-packages"
    module = library / "pip"
    module.mkdir()
    (module / "__init__.py").touch()
    (module / "__main__.py").write_text(_PIP_MODULE.format(python=sys.executable), encoding="utf-8")
