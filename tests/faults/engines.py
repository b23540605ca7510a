"""A real dockerd and a real registry of our own on loopback, which tests may stop, kill and starve."""

from __future__ import annotations

import hashlib
import http.client
import io
import itertools
import json
import os
import shutil
import socket
import subprocess
import tarfile
import tempfile
import urllib.parse
import urllib.request
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from roforlmao.containers.engine import Engine, connect
from roforlmao.errors import RoforlmaoError
from tests.contract.etcdcluster import free_ports, wait_for

BUSYBOX = Path("/bin/busybox")
LOGIN = ("operator", "secret")
# The bcrypt hash of that password, as `htpasswd -nbB` prints it: that program need not be installed.
_HTPASSWD = "operator:$2b$04$Ilikh7w4d4YSOtpVpBdaielWjjjAKUiDX.nOOXslllt2Uh4uOb1Ha"
_MANIFEST = "application/vnd.docker.distribution.manifest.v2+json"
_NUMBERS = itertools.count()


@dataclass
class Daemon:
    """One dockerd with everything of its own: data, socket, bridge. Nothing of it outlives ``close``."""

    place: Path
    bridge: str
    process: subprocess.Popen[bytes] | None = field(default=None, repr=False)
    flags: Sequence[str] = ()
    data: Path | None = None

    def __post_init__(self) -> None:
        self.data = self.data or self.place / "data"

    @property
    def host(self) -> str:
        return f"unix://{self.place}/d.sock"

    @property
    def environ(self) -> dict[str, str]:
        """What leads a launcher to this engine."""
        return {"DOCKER_HOST": self.host}

    def engine(self) -> Engine:
        return connect(self.environ)

    def start(self) -> None:
        """Starts it if it does not run; it answers when this returns."""
        if self.process is None:
            (self.place / "daemon.json").write_text("{}")  # not this machine's own
            with (self.place / "log").open("ab") as log:
                self.process = subprocess.Popen(
                    self._command(), stdin=subprocess.DEVNULL, stdout=log, stderr=log
                )
        assert wait_for(lambda: self._answers() or not self.runs, 60), self.said
        assert self.runs, self.said

    def _command(self) -> list[str]:
        own = ["--data-root", str(self.data), "--exec-root", f"{self.place}/exec"]
        own += ["--pidfile", f"{self.place}/pid", "--host", self.host, "--bridge", self.bridge]
        # No rules of ours in the machine's firewall; a graceful end when this process dies.
        own += ["--iptables=false", "--ip6tables=false", "--ip-masq=false"]
        own += ["--shutdown-timeout", "2", "--max-download-attempts", "1"]
        own += ["--config-file", f"{self.place}/daemon.json"]
        return ["setpriv", "--pdeathsig", "TERM", "dockerd", *own, *self.flags]

    def _answers(self) -> bool:
        with suppress(RoforlmaoError), self.engine():
            return True
        return False

    @property
    def runs(self) -> bool:
        return self.process is not None and self.process.poll() is None

    @property
    def said(self) -> str:
        return (self.place / "log").read_text(errors="replace")[-2000:]

    def stop(self) -> None:
        """As `systemctl stop` does: its containers end with it."""
        self._end(subprocess.Popen.terminate)

    def kill(self) -> None:
        """kill -9; its containerd goes with it."""
        self._end(subprocess.Popen.kill)
        pidfile = self.place / "exec" / "containerd" / "containerd.pid"
        if pidfile.exists():
            assert wait_for(lambda: not _lives(int(pidfile.read_text()))), "containerd outlives dockerd"
            # A machine whose init does not reap leaves a zombie, which dockerd takes for a living one.
            pidfile.unlink()

    def _end(self, how: Callable[[subprocess.Popen[bytes]], None]) -> None:
        if self.process is not None:
            how(self.process)
            self.process.wait(60)
        self.process = None

    def import_image(
        self,
        tag: str,
        script: str = "",
        *,
        files: Mapping[str, str | bytes] | None = None,
        changes: Sequence[str] = (),
    ) -> str:
        """An image with busybox and these files, by `docker import`; returns its id.

        ``script`` becomes its entry point, a shell script that gets the container's arguments.
        ``changes`` are lines of a Dockerfile (ENV, CMD, USER, LABEL ...).
        """
        files = dict(files or {})
        if script:
            files["tool.sh"] = script
            changes = ['ENTRYPOINT ["/bin/sh", "/tool.sh"]', *changes]
        repository, _, version = tag.rpartition(":")
        with self.engine() as engine:
            engine.api.import_image_from_data(root_of(files), repository, version, changes=list(changes))
            return str(engine.api.inspect_image(tag)["Id"])

    def push(self, tag: str, auth: Mapping[str, str] | None = None) -> str:
        """Into the registry that the tag names, and removed here; returns the digest."""
        with self.engine() as engine:
            digest = ""
            for event in engine.api.push(tag, stream=True, decode=True, auth_config=auth or {"username": ""}):
                assert "error" not in event, event
                digest = event.get("aux", {}).get("Digest", digest)
            engine.api.remove_image(tag, force=True)
        return digest

    def containers(self, **filters: Any) -> list[dict[str, Any]]:
        """All containers, also ended ones."""
        with self.engine() as engine:
            return list(engine.api.containers(all=True, filters=filters))

    def clear(self) -> None:
        """Removes every container and every image."""
        with self.engine() as engine:
            for container in engine.api.containers(all=True, quiet=True):
                engine.api.remove_container(container["Id"], force=True, v=True)
            for image in engine.api.images(quiet=True, all=True):
                with suppress(Exception):  # gone with another one
                    engine.api.remove_image(image, force=True)

    def close(self) -> None:
        if self.process is None and self.data and self.data.exists():
            self.start()  # after a kill its containers still run, and only it can end them
        self.stop()
        for _ in range(3):  # a mount may lie over another one
            for mount in _mounts_below(self.place):
                subprocess.run(["umount", "--lazy", mount], check=False, capture_output=True)
        shutil.rmtree(self.place, ignore_errors=True)
        subprocess.run(["ip", "link", "delete", self.bridge], check=False, capture_output=True)


@contextmanager
def running(flags: Sequence[str] = (), data: Path | None = None) -> Iterator[Daemon]:
    """A dockerd that answers, with its data in a place of its own or in ``data``.

    Skips the test, and says why, where none can run.
    """
    reason = _why_not()
    if reason:
        pytest.skip(f"NO CONTAINER ENGINE TESTED: {reason}")
    _clear_up_after_the_killed()
    # A short path: that of a socket ends at 107 bytes.
    place = Path(tempfile.mkdtemp(prefix="rfl-", dir="/tmp"))
    number = os.getpid() * 4 + next(_NUMBERS) % 4
    daemon = Daemon(place, f"rfl{number}", flags=flags, data=data)
    (place / "owner").write_text(f"{os.getpid()} {daemon.bridge}")
    try:
        _add_bridge(daemon.bridge, number)
        daemon.start()
        yield daemon
    finally:
        daemon.close()


def _clear_up_after_the_killed() -> None:
    """What test processes left that were killed; their dockerd ended with them."""
    for note in Path("/tmp").glob("rfl-*/owner"):
        with suppress(OSError, ValueError):
            owner, bridge = note.read_text().split()
            if not _lives(int(owner)):
                Daemon(note.parent, bridge, data=note.parent / "none").close()


def _why_not() -> str:
    missing = [name for name in ("dockerd", "setpriv", "ip") if not shutil.which(name)]
    if missing:
        return f"{', '.join(missing)} not installed (on Debian: apt install docker.io iproute2)"
    if os.getuid() != 0:
        return "dockerd needs root"
    return "" if BUSYBOX.exists() else f"no {BUSYBOX} (on Debian: apt install busybox-static)"


def _add_bridge(name: str, number: int) -> None:
    """A bridge of our own, in a network that no other test process on this machine uses."""
    subnet = f"10.{128 + number // 256 % 120}.{number % 256}.1/24"
    for words in (["link", "add", name, "type", "bridge"], ["addr", "add", subnet, "dev", name]):
        subprocess.run(["ip", *words], check=True, capture_output=True)
    subprocess.run(["ip", "link", "set", name, "up"], check=True, capture_output=True)


def _lives(pid: int) -> bool:
    with suppress(OSError):
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    return False


def _mounts_below(place: Path) -> list[str]:
    lines = Path("/proc/self/mounts").read_text().splitlines()
    return [line.split()[1] for line in reversed(lines) if line.split()[1].startswith(f"{place}/")]


def root_of(files: Mapping[str, str | bytes]) -> bytes:
    """The tar archive of a root with busybox, its commands, and these files, all executable."""
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode="w") as archive:
        for name, mode in (("bin", 0o755), ("tmp", 0o1777), ("etc", 0o755)):
            info = tarfile.TarInfo(name)
            info.type, info.mode = tarfile.DIRTYPE, mode
            archive.addfile(info)
        archive.add(BUSYBOX.resolve(), "bin/busybox")
        for command in _commands():
            info = tarfile.TarInfo(f"bin/{command}")
            info.type, info.linkname = tarfile.SYMTYPE, "busybox"
            archive.addfile(info)
        for name, content in {"etc/passwd": "root:x:0:0::/:/bin/sh\n", **files}.items():
            data = content.encode() if isinstance(content, str) else content
            info = tarfile.TarInfo(name)
            info.size, info.mode = len(data), 0o755
            archive.addfile(info, io.BytesIO(data))
    return out.getvalue()


def _commands() -> list[str]:
    done = subprocess.run([BUSYBOX, "--list"], capture_output=True, text=True, check=True)
    return [name for name in done.stdout.split() if name != "busybox"]


@dataclass
class ImageRegistry:
    """One docker-registry; ``host`` is what an image's name begins with."""

    place: Path
    port: int
    locked: bool
    process: subprocess.Popen[bytes] | None = field(default=None, repr=False)

    @property
    def host(self) -> str:
        return f"127.0.0.1:{self.port}"

    @property
    def auth(self) -> dict[str, str] | None:
        """The right login, where it wants one."""
        return dict(zip(("username", "password"), LOGIN, strict=True)) if self.locked else None

    def start(self) -> None:
        self.place.mkdir(exist_ok=True)
        (self.place / "htpasswd").write_text(_HTPASSWD + "\n")
        (self.place / "config.yml").write_text(self._configuration())
        with (self.place / "log").open("ab") as log:
            self.process = subprocess.Popen(
                ["setpriv", "--pdeathsig", "KILL", "docker-registry", "serve", self.place / "config.yml"],
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
            )
        assert wait_for(self._listens, 30), (self.place / "log").read_text()

    def _configuration(self) -> str:
        auth = f"auth: {{htpasswd: {{realm: test, path: {self.place}/htpasswd}}}}\n" if self.locked else ""
        return (
            "version: 0.1\nlog: {level: error}\n"
            f"storage: {{filesystem: {{rootdirectory: {self.place}/store}}, delete: {{enabled: true}}}}\n"
            f"http: {{addr: '{self.host}', secret: test}}\n{auth}"
        )

    def _listens(self) -> bool:
        with suppress(OSError), socket.create_connection(("127.0.0.1", self.port), timeout=1):
            return True
        return False

    def rebuild(self, path: str, tag: str, **config: str) -> str:
        """The same image with another configuration (``architecture=...``); returns its digest."""
        manifest = json.loads(self._call("GET", f"{path}/manifests/{tag}", accept=_MANIFEST)[1])
        old = json.loads(self._call("GET", f"{path}/blobs/{manifest['config']['digest']}")[1])
        blob = json.dumps({**old, **config}).encode()
        digest = f"sha256:{hashlib.sha256(blob).hexdigest()}"
        place = urllib.parse.urlsplit(self._call("POST", f"{path}/blobs/uploads/")[0]["Location"])
        self._call("PUT", f"{place.path}?{place.query}&digest={digest}", blob, "application/octet-stream")
        manifest["config"] |= {"digest": digest, "size": len(blob)}
        headers, _ = self._call("PUT", f"{path}/manifests/{tag}", json.dumps(manifest).encode(), _MANIFEST)
        return str(headers["Docker-Content-Digest"])

    def _call(
        self, method: str, place: str, data: bytes | None = None, kind: str = "", accept: str = "*/*"
    ) -> tuple[http.client.HTTPMessage, bytes]:
        url = f"http://{self.host}{place if place.startswith('/') else '/v2/' + place}"
        headers = {"Accept": accept, **({"Content-Type": kind} if kind else {})}
        request = urllib.request.Request(url, data=data, method=method, headers=headers)
        with urllib.request.urlopen(request, timeout=30) as answer:
            return answer.headers, answer.read()

    def stop(self) -> None:
        if self.process is not None:
            self.process.kill()
            self.process.wait(10)
        self.process = None


@contextmanager
def registry(place: Path, *, locked: bool = False) -> Iterator[ImageRegistry]:
    """A registry that answers; ``locked`` wants the login ``LOGIN``."""
    if not shutil.which("docker-registry"):
        pytest.skip("NO IMAGE REGISTRY TESTED: docker-registry is not installed")
    (port,) = free_ports(1)
    one = ImageRegistry(place, port, locked)
    try:
        one.start()
        yield one
    finally:
        one.stop()
