"""A tool that leaves the numbers that it is told to, for sessions about verdicts."""

from __future__ import annotations

from tests.session.world import Operator, World

_DEFINITION = (
    "Name: counter\nData: {Local: data}\n"
    "Commands: [{Name: go, Command: sh, Script: go.sh, Arguments: [{Name: day}, {Name: value}]}]\n"
)
_SCRIPT = """mkdir -p data
echo "$2" > "data/control-$1.csv"
seq "$2" > "data/apps-$1.csv"
"""
COUNTER = {"mao.yml": _DEFINITION, "go.sh": _SCRIPT}
USUAL = 634


def day(number: int) -> str:
    return f"2026-03-{number:02}"


def counting(world: World, name: str = "alice", days: int = 6) -> Operator:
    """An operator with the tool installed, and so many quiet days in its data clone, uncommitted."""
    operator = world.operator(name)
    url = world.tool("counter", COUNTER)
    operator.done("tool", "add", "counter", "--code-repo", url, "--data-repo", world.bare("counter-data"))
    data = operator.done("tool", "install", "counter", "--trust")["data_path"]
    quiet = {f"control-{day(number)}.csv": f"{USUAL + number % 3}\n" for number in range(1, days + 1)}
    World.write(operator.home / data, quiet)
    return operator
