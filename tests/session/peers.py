"""Peers who publish with plain git, and a tool that keeps what it is given to read."""

from __future__ import annotations

from tests.session.world import Operator, World

MONDAY = "name,stars\na,1\nb,2\nc,3\n"
TUESDAY = "name,stars\na,1\nb,5\nc,3\nd,4\n"


def collector(world: World, operator: Operator, name: str) -> Operator:
    """An installed tool that keeps what it is given as ``seen-*`` and leaves a file of its own."""
    keep = 'cp -r "${ROFORLMAO_INPUT:-/nowhere}" seen-$(date +%s%N)'
    world.script(
        operator, name, f'{keep}; mkdir -p data; date +%s%N > "data/{name}-$(date +%s%N).csv"\n', data=True
    )
    polls(operator, "1s")
    return operator


def polls(operator: Operator, every: str) -> None:
    config = operator.home / "config.yaml"
    kept = [line for line in config.read_text().splitlines() if not line.startswith("schedule:")]
    config.write_text("\n".join([*kept, f"schedule: {{poll: {every}}}", ""]))


class Peer:
    """Somebody who publishes days of data with plain git, and announces them."""

    def __init__(self, world: World, name: str = "bob") -> None:
        self.operator, self.world = world.operator(name), world
        self.url = world.bare(f"{name}-days")
        self.clone = world.root / f"{name}-clone"
        world.git(world.root, "clone", "--quiet", self.url, str(self.clone))

    def publish(self, files: dict[str, str], message: str = "sync 2026-11-01") -> str:
        self.world.write(self.clone, files)
        self.world.commit(self.clone, message)
        self.world.git(self.clone, "push", "--quiet", "origin", "HEAD:main")
        return self.world.git(self.clone, "rev-parse", "HEAD")

    def announce(self, files: dict[str, str]) -> str:
        """As a launcher does it."""
        self.world.write(self.clone, files)
        self.operator.done("dataset", "sync", self.clone, "--hub", "h")
        return self.world.git(self.clone, "rev-parse", "HEAD")
