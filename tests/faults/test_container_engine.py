"""Finding the engine, and what is said when there is none that can be used."""

from __future__ import annotations

import hashlib
import json
import os
import signal
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest

from roforlmao.containers import engine as engines
from roforlmao.containers.engine import connect, usual_sockets
from roforlmao.errors import (
    EngineAbsent,
    EngineFailed,
    EngineMisaddressed,
    EngineSilent,
    EngineTooOld,
)
from tests.faults.engines import Daemon
from tests.faults.fakeengine import answering, silent, stale

NEW = {"ApiVersion": "1.45", "Version": "26.0", "Os": "linux", "Arch": "amd64"}


@pytest.fixture
def place() -> Iterator[Path]:
    """A short path for sockets."""
    with tempfile.TemporaryDirectory(prefix="rfl-", dir="/tmp") as found:
        yield Path(found)


@pytest.fixture(autouse=True)
def nothing_of_this_machine(place: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Its own engine, sockets and Docker configuration decide no test."""
    monkeypatch.setattr(engines, "_ROOTFUL", str(place / "none.sock"))
    monkeypatch.setenv("DOCKER_CONFIG", str(place))
    for name in ("DOCKER_HOST", "DOCKER_CONTEXT", "DOCKER_TLS_VERIFY", "DOCKER_CERT_PATH"):
        monkeypatch.delenv(name, raising=False)


def at(host: str) -> Mapping[str, str]:
    return {"DOCKER_HOST": host}


def test_an_engine_is_found_by_its_address(daemon: Daemon) -> None:
    with daemon.engine() as engine:
        assert engine.about.name == "Docker"
        assert engine.about.system == "linux"
        assert engine.is_here
        assert engine.api.ping()


def test_an_imported_image_runs(daemon: Daemon) -> None:
    daemon.import_image("t:1", "echo hello $1")
    with daemon.engine() as engine:
        container = engine.api.create_container("t:1", command=["you"])
        engine.api.start(container["Id"])
        assert engine.api.wait(container["Id"])["StatusCode"] == 0
        assert engine.api.logs(container["Id"]) == b"hello you\n"
    daemon.clear()
    assert daemon.containers() == []


@pytest.mark.parametrize("variable", ["DOCKER_CONTEXT", ""])
def test_an_engine_is_found_by_its_context(daemon: Daemon, place: Path, variable: str) -> None:
    meta = place / "contexts" / "meta" / hashlib.sha256(b"lab").hexdigest() / "meta.json"
    meta.parent.mkdir(parents=True)
    endpoint = {"Host": daemon.host, "SkipTLSVerify": False}
    meta.write_text(json.dumps({"Name": "lab", "Metadata": {}, "Endpoints": {"docker": endpoint}}))
    (place / "config.json").write_text(json.dumps({} if variable else {"currentContext": "lab"}))
    with connect({variable: "lab"} if variable else {}) as engine:
        assert engine.where == daemon.host
    with pytest.raises(EngineAbsent):
        connect(at("unix:///nowhere/d.sock"))  # DOCKER_HOST counts for more


@pytest.mark.parametrize("socket", ["docker.sock", "podman/podman.sock"])
def test_an_engine_is_found_where_rootless_ones_listen(daemon: Daemon, place: Path, socket: str) -> None:
    (place / socket).parent.mkdir(exist_ok=True)
    stale(place / "none.sock")  # what is left of another engine stands in no way
    (place / socket).symlink_to(daemon.host.removeprefix("unix://"))
    with connect({"XDG_RUNTIME_DIR": str(place), "HOME": str(place)}) as engine:
        assert engine.where == f"unix://{place / socket}"


def test_the_usual_sockets_begin_with_the_rootful_one(place: Path) -> None:
    found = list(usual_sockets({"XDG_RUNTIME_DIR": "/run/user/7", "HOME": "/home/ada"}))
    assert found[0] == str(place / "none.sock")
    assert "/run/user/7/podman/podman.sock" in found
    assert len(set(found)) == len(found)


def test_no_engine_at_all_says_what_to_do(place: Path) -> None:
    with pytest.raises(EngineAbsent, match="There is no container engine on this machine") as caught:
        connect({"XDG_RUNTIME_DIR": str(place), "HOME": str(place)})
    assert "Docker or Podman" in caught.value.hint
    assert caught.value.exit_status == 3


def test_an_engine_that_was_stopped_or_killed_is_absent(daemon: Daemon, place: Path) -> None:
    with pytest.raises(EngineAbsent, match="does not run"):
        connect(at(stale(place / "stale.sock")))
    daemon.kill()
    try:
        with pytest.raises(EngineAbsent, match="does not run") as caught:
            daemon.engine()
    finally:
        daemon.start()
    assert "systemctl start docker" in caught.value.hint
    with daemon.engine() as engine:
        assert engine.api.ping()


def test_an_engine_that_does_not_let_us_in_is_denied(daemon: Daemon) -> None:
    code = (
        "import sys; from roforlmao.containers.engine import connect\n"
        "from roforlmao.errors import EngineDenied\n"
        "try: connect({'DOCKER_HOST': sys.argv[1]})\n"
        "except EngineDenied as error: print(error.message, error.hint)\n"
    )
    daemon.place.chmod(0o755)  # only the socket's own mode decides
    source = Path(__file__).resolve().parents[2]
    # Where the sources lie may be closed to others, so the code is loaded before the user changes.
    become = "import os, docker, requests; import roforlmao.containers.client as _; os.setuid(65534)\n"
    done = subprocess.run(
        [sys.executable, "-c", become + code, daemon.host],
        capture_output=True, text=True, check=False, cwd=source, timeout=60, env={**os.environ, "HOME": "/"},
    )  # fmt: skip
    assert "does not let you in" in done.stdout, done.stderr
    assert "usermod -aG docker" in done.stdout


def test_an_engine_that_hangs_is_silent(daemon: Daemon, place: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(engines, "_CONNECT_S", 0.5)
    with silent(place / "d.sock") as host, pytest.raises(EngineSilent, match="does not answer"):
        connect(at(host))
    assert daemon.process
    daemon.process.send_signal(signal.SIGSTOP)
    try:
        with pytest.raises(EngineSilent, match="does not answer"):
            daemon.engine()
    finally:
        daemon.process.send_signal(signal.SIGCONT)
    assert daemon.containers() == []


@pytest.mark.parametrize(
    ("answer", "kind", "said"),
    [
        ({**NEW, "ApiVersion": "1.38", "Version": "18.06"}, EngineTooOld, r"too old: Docker 18\.06"),
        ({**NEW, "ApiVersion": "1.12"}, EngineTooOld, "too old"),
        ({**NEW, "ApiVersion": "\x1b[31m"}, EngineTooOld, "too old"),
        ({**NEW, "Os": "windows"}, EngineMisaddressed, "runs windows containers"),
        ({}, EngineTooOld, "too old"),
        ("hello", EngineMisaddressed, "cannot be spoken to"),
        ("[]", EngineMisaddressed, "is no container engine"),
    ],
)
def test_what_is_no_engine_of_use_is_told_apart(
    place: Path, answer: dict[str, Any] | str, kind: type[EngineFailed], said: str
) -> None:
    with answering(place / "d.sock", answer) as host, pytest.raises(kind, match=said) as caught:
        connect(at(host))
    assert caught.value.message.isprintable()
    assert caught.value.hint


def test_podman_is_known_by_its_name(place: Path) -> None:
    podman = {**NEW, "ApiVersion": "1.41", "Components": [{"Name": "Podman Engine"}]}
    with answering(place / "d.sock", podman) as host, connect(at(host)) as engine:
        assert engine.about.name == "Podman"


@pytest.mark.parametrize(
    ("environ", "said"),
    [
        (at("foo://bar"), "cannot be spoken to"),
        (at("tcp://"), "cannot be spoken to"),
        (at("tcp://no-such-host.invalid:2375"), "on a host that cannot be found"),
        (at("ssh://me@host"), "on another machine"),
        ({"DOCKER_CONTEXT": "no\x1b[31mpe"}, "no docker context 'nope'"),
        ({"DOCKER_TLS_VERIFY": "1", "DOCKER_CERT_PATH": "/nowhere"}, "Docker configuration"),
    ],
)
def test_a_wrong_address_says_where_to_look(environ: Mapping[str, str], said: str) -> None:
    with pytest.raises(EngineMisaddressed, match=said) as caught:
        connect(environ)
    assert "ocker" in caught.value.hint


def test_a_port_that_nobody_listens_to_is_absent() -> None:
    with pytest.raises(EngineAbsent, match=r"tcp://127\.0\.0\.1:9 does not run"):
        connect(at("tcp://127.0.0.1:9"))
