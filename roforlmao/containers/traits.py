"""What an engine can do, as far as the way of running a container depends on it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from roforlmao.containers.faults import translating

if TYPE_CHECKING:
    from roforlmao.containers.engine import Engine


@dataclass(frozen=True)
class Traits:
    """``rootless``: root inside is the operator outside. ``remaps``: root inside is nobody outside.

    ``local_log`` is the log driver that is fast and bounded; ``keeps_running`` is live-restore:
    containers outlive a restart of the engine. ``copies_up``: an empty file system in memory first gets
    what lies below it, as Podman does.
    """

    rootless: bool
    remaps: bool
    local_log: bool
    has_init: bool
    keeps_running: bool
    copies_up: bool = False


def traits_of(engine: Engine) -> Traits:
    """Asks it. Errors: EngineFailed and its kin."""
    with translating("asking the engine what it can do"):
        info = engine.api.info()
    security = [str(option) for option in info.get("SecurityOptions") or ()]
    logs = (info.get("Plugins") or {}).get("Log") or ()
    init = (info.get("InitCommit") or {}).get("ID", "")
    return Traits(
        rootless=any(option.startswith("name=rootless") for option in security),
        remaps=any(option.startswith("name=userns") for option in security),
        local_log="local" in logs,
        has_init=init != "N/A",
        keeps_running=bool(info.get("LiveRestoreEnabled")),
        copies_up=engine.about.name == "Podman",
    )
