"""The import rule of docs/architecture.md: never upward, heavy libraries only where they belong."""

from __future__ import annotations

import ast
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

PACKAGE = Path(__file__).resolve().parent.parent / "roforlmao"

# From the top of the house down; a room may call those on lower levels, and its own modules.
LEVELS = (
    ("cli", "ui"),
    ("actions", "arguments"),
    ("app", "attending", "firing", "restoring", "sample"),
    ("schedule",),
    ("runs",),
    ("data", "audit", "series", "federation"),
    ("tools",),
    ("git", "registry", "anomaly", "compare", "containers", "notify"),
    ("config", "notices", "crash"),
    ("schema", "state", "models", "experiment", "transcript"),
    ("limits", "targets"),
    ("rules",),
    ("statefile",),
    ("paths", "names", "imagename", "progress", "events", "rounds", "once"),
    ("errors", "text"),
    ("__init__",),
)
LEVEL = {room: number for number, rooms in enumerate(LEVELS) for room in rooms}
SAME_LEVEL_ALLOWED = {
    ("cli", "ui"),
    ("arguments", "actions"),
    ("app", "attending"),
    ("app", "firing"),
    ("app", "restoring"),
    ("names", "text"),
    ("paths", "errors"),
}
# The protocol of prompts speaks of choices, and the action table is built below the app that it is
# handed: these are types only.
OWNERS = {
    "questionary": ("ui",),
    "prompt_toolkit": ("ui",),
    "rich": ("ui", "cli"),
    "git": ("git",),
    "gitdb": ("git",),
    "docker": ("containers",),
    "etcd3": ("registry",),
    "grpc": ("registry",),
    "numpy": ("compare", "anomaly", "audit"),
    "apprise": ("notify",),
    "yaml": ("config", "tools"),
    "platformdirs": ("paths",),
    "schedule": ("schedule",),
    "cronsim": ("schedule",),
}


def modules() -> list[Path]:
    return sorted(p for p in PACKAGE.rglob("*.py") if "collector" not in p.parts)


def room_of(path: Path) -> str:
    return path.relative_to(PACKAGE).parts[0].removesuffix(".py")


def imports(tree: ast.AST) -> Iterator[str]:
    """Every module that is imported at run time; blocks under TYPE_CHECKING are types only."""
    for node in ast.iter_child_nodes(tree):
        if isinstance(node, ast.If) and ast.unparse(node.test) == "TYPE_CHECKING":
            continue
        if isinstance(node, ast.Import):
            yield from (name.name for name in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module:
            yield from (f"{node.module}.{name.name}" for name in node.names)
        else:
            yield from imports(node)


@pytest.mark.parametrize("path", modules(), ids=lambda p: str(p.relative_to(PACKAGE)))
def test_a_module_calls_only_rooms_below_its_own(path: Path) -> None:
    room = room_of(path)
    for name in imports(ast.parse(path.read_text(encoding="utf-8"))):
        parts = name.split(".")
        if parts[0] != "roforlmao" or len(parts) < 2 or parts[1] in (room, "__version__"):
            continue
        other = parts[1]
        allowed = LEVEL[other] > LEVEL[room] or (room, other) in SAME_LEVEL_ALLOWED
        assert allowed, f"{room} must not call {other} ({name})"


@pytest.mark.parametrize("path", modules(), ids=lambda p: str(p.relative_to(PACKAGE)))
def test_a_library_is_known_to_its_own_room_only(path: Path) -> None:
    for name in imports(ast.parse(path.read_text(encoding="utf-8"))):
        owners = OWNERS.get(name.split(".")[0])
        assert owners is None or room_of(path) in owners, f"{name} belongs to {owners}"


def test_core_modules_never_print() -> None:
    for path in modules():
        if room_of(path) not in ("ui", "cli"):
            tree = ast.parse(path.read_text(encoding="utf-8"))
            calls = [ast.unparse(n.func) for n in ast.walk(tree) if isinstance(n, ast.Call)]
            assert not {"print", "input"} & set(calls), path


def loaded_by(code: str) -> set[str]:
    """The names of all modules that a fresh interpreter holds after ``code``."""
    program = f"import sys\n{code}\nprint('\\n'.join(sys.modules))"
    done = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=True, cwd=PACKAGE.parent
    )
    return set(done.stdout.split())


HEAVY = {"docker", "git", "etcd3", "grpc", "google", "numpy", "polars", "requests", "psutil"}


def test_help_loads_neither_prompts_nor_rich_nor_anything_heavy() -> None:
    code = "from roforlmao.cli import main\ntry: main(['--help'])\nexcept SystemExit: pass"
    loaded = loaded_by(code)
    assert "roforlmao.cli" in loaded
    assert not loaded & (
        HEAVY | {"questionary", "prompt_toolkit", "rich", "yaml", "sqlite3", "ssl", "http.client"}
    )
