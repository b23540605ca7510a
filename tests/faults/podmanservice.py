"""A real Podman of our own, which speaks Docker's API on a socket."""

from __future__ import annotations

import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from tests.faults.engines import BUSYBOX, Daemon, root_of

# As many open files and processes as any machine allows; runc also where cgroups of v1 and v2 are mixed.
_CONFIGURATION = """[containers]
default_ulimits = ["nofile=1024:1024", "nproc=1024:1024"]
[engine]
runtime = "runc"
"""


class Podman(Daemon):
    """Its service in place of dockerd."""

    def _command(self) -> list[str]:
        (self.place / "containers.conf").write_text(_CONFIGURATION)
        own = ["--root", str(self.data), "--runroot", f"{self.place}/run", "--storage-driver", "vfs"]
        own += ["--cgroup-manager", "cgroupfs", "system", "service", "--time", "0", self.host]
        environment = ["env", f"CONTAINERS_CONF={self.place}/containers.conf"]
        return ["setpriv", "--pdeathsig", "TERM", *environment, "podman", *own]

    def import_root(self) -> str:
        """An image with busybox; its id, as Podman does not take the name that an import is given."""
        with self.engine() as engine:
            engine.api.import_image_from_data(root_of({}), "localhost/plain", "1")
            return str(engine.api.images()[0]["Id"])

    def close(self) -> None:
        if self.runs:
            self.clear()
        self.stop()
        # Layers of its storage belong to nobody else, and are unmounted by now.
        shutil.rmtree(self.place, ignore_errors=True)


@contextmanager
def podman() -> Iterator[Podman]:
    """One that answers; skips the test where none can run."""
    missing = [name for name in ("podman", "runc", "conmon", "catatonit") if not _is_there(name)]
    if missing or os.getuid() != 0 or not BUSYBOX.exists():
        pytest.skip(f"NO PODMAN TESTED: {', '.join(missing) or 'it needs root and a static busybox'}")
    found = Podman(Path(tempfile.mkdtemp(prefix="rflp-", dir="/tmp")), bridge="")
    try:
        found.start()
        yield found
    finally:
        found.close()


def _is_there(name: str) -> bool:
    return bool(shutil.which(name)) or Path("/usr/libexec/podman", name).exists()
