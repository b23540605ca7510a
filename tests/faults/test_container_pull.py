"""Pulling from a real registry with a real engine: what comes, what goes wrong, and what is said of it."""

from __future__ import annotations

import base64
import json
import os
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from roforlmao.containers.images import current_digest, find_image, remove_image
from roforlmao.containers.patience import interruptible
from roforlmao.containers.pull import pull
from roforlmao.errors import (
    Cancelled,
    ImageArchitecture,
    ImageDenied,
    ImageNotFound,
    RoforlmaoError,
    StorageFailed,
    Unreachable,
)
from roforlmao.progress import Progress
from tests.faults.engines import LOGIN, Daemon, ImageRegistry, registry, running
from tests.faults.proxy import Proxy, proxy

BIG = 6_000_000


@pytest.fixture(scope="module")
def hub(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ImageRegistry]:
    with registry(tmp_path_factory.mktemp("hub")) as found:
        yield found


@pytest.fixture(scope="module")
def locked(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ImageRegistry]:
    with registry(tmp_path_factory.mktemp("locked"), locked=True) as found:
        yield found


@pytest.fixture
def wire(hub: ImageRegistry) -> Iterator[Proxy]:
    with proxy(hub.port) as found:
        yield found


@pytest.fixture(autouse=True)
def configuration(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The operator's Docker configuration: none."""
    monkeypatch.setenv("DOCKER_CONFIG", str(tmp_path / "docker"))
    (tmp_path / "docker").mkdir()
    return tmp_path / "docker" / "config.json"


@pytest.fixture(scope="module")
def big(daemon: Daemon, hub: ImageRegistry) -> str:
    """Path and tag of an image in the hub that takes a while; returns its digest, too."""
    tag = f"{hub.host}/group/big:1"
    daemon.import_image(tag, "echo big", files={"big": os.urandom(BIG)}, changes=['LABEL title="Big one"'])
    return daemon.push(tag)


class Watched(Progress):
    def __init__(self) -> None:
        super().__init__()
        self.labels: list[str] = []
        self.totals: list[tuple[int, int | None]] = []
        self.parts: dict[str, list[tuple[int, int | None]]] = {}
        self.moved = threading.Event()

    def start(self, label: str, total: int | None = None, unit: str = "") -> None:
        self.labels.append(label)

    def update(self, done: int, total: int | None = None) -> None:
        self.totals.append((done, total))
        if done:
            self.moved.set()

    def part(
        self, name: str, done: int, total: int | None = None, *, note: str = "", ended: bool = False
    ) -> None:
        self.parts.setdefault(name, []).append((done, total))


def pulled(daemon: Daemon, name: str, progress: Progress | None = None, stall_s: float = 60) -> str:
    with daemon.engine() as engine:
        return pull(engine, name, progress or Progress(), stall_s=stall_s).pinned


def holds(daemon: Daemon, name: str) -> bool:
    with daemon.engine() as engine:
        return find_image(engine, name) is not None


def test_an_image_comes_with_a_bar_for_each_layer_and_in_total(
    daemon: Daemon, hub: ImageRegistry, big: str
) -> None:
    watched = Watched()
    pinned = f"{hub.host}/group/big@{big}"
    with daemon.engine() as engine:
        assert current_digest(engine, f"{hub.host}/group/big:1") == big
        image = pull(engine, pinned, watched)
        assert (image.pinned, image.digest, image.is_local) == (pinned, big, False)
        assert image.labels == {"title": "Big one"}
        assert image.entrypoint == ("/bin/sh", "/tool.sh")
        assert image.size > BIG
        assert remove_image(engine, pinned)
        assert find_image(engine, pinned) is None
    assert watched.labels == [f"Pulling {pinned[:79]}…", f"Unpacking {pinned[:79]}…"]
    assert len(watched.parts) == 1
    done, total = watched.totals[-1]
    assert total is not None
    assert done == total > BIG


@pytest.mark.parametrize("name", ["group/big:2", "group/none:1", "group/big@sha256:" + "0" * 64])
def test_an_image_that_is_not_there_is_not_found(
    daemon: Daemon, hub: ImageRegistry, big: str, name: str
) -> None:
    with pytest.raises(ImageNotFound, match=f"^{hub.host} has no image {hub.host}/{name}"):
        pulled(daemon, f"{hub.host}/{name}")
    with daemon.engine() as engine, pytest.raises(ImageNotFound):
        current_digest(engine, f"{hub.host}/{name}")


def test_a_registry_that_is_down_is_named(daemon: Daemon, tmp_path: Path) -> None:
    with registry(tmp_path / "gone") as gone:
        name = f"{gone.host}/a/b:1"
    with pytest.raises(Unreachable, match=f"registry {gone.host} does not answer") as caught:
        pulled(daemon, name)
    assert "try again later" in caught.value.hint
    with daemon.engine() as engine, pytest.raises(Unreachable, match="does not answer"):
        current_digest(engine, "no-such-host.invalid/a/b")


def login(configuration: Path, host: str, password: str) -> None:
    secret = base64.b64encode(f"{LOGIN[0]}:{password}".encode()).decode()
    configuration.write_text(json.dumps({"auths": {host: {"auth": secret}}}))


def test_the_login_is_the_operators_own(daemon: Daemon, locked: ImageRegistry, configuration: Path) -> None:
    name = f"{locked.host}/private/tool:1"
    daemon.import_image(name, "echo private")
    digest = daemon.push(name, locked.auth)
    with pytest.raises(ImageDenied, match=r"wants a login for .*, and you have none") as caught:
        pulled(daemon, name)
    assert caught.value.hint == f"Log in: `docker login {locked.host}`."
    login(configuration, locked.host, "wrong")
    with pytest.raises(ImageDenied, match="refuses your login"):
        pulled(daemon, name)
    with daemon.engine() as engine, pytest.raises(ImageDenied, match="refuses your login"):
        current_digest(engine, name)
    login(configuration, locked.host, LOGIN[1])
    assert pulled(daemon, name) == f"{locked.host}/private/tool@{digest}"


def test_a_credential_helper_gives_the_login(
    daemon: Daemon,
    locked: ImageRegistry,
    configuration: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    name = f"{locked.host}/private/helped:1"
    daemon.import_image(name, "echo helped")
    daemon.push(name, locked.auth)
    configuration.write_text(json.dumps({"credHelpers": {locked.host: "rfltest"}}))
    helper = tmp_path / "bin" / "docker-credential-rfltest"
    helper.parent.mkdir()
    answer = {"ServerURL": locked.host, "Username": LOGIN[0], "Secret": LOGIN[1]}
    helper.write_text(f"#!/bin/sh\ncat >/dev/null\necho '{json.dumps(answer)}'\n")
    helper.chmod(0o755)
    monkeypatch.setenv("PATH", f"{helper.parent}:{os.environ['PATH']}")
    assert pulled(daemon, name).startswith(f"{locked.host}/private/helped@sha256:")
    helper.write_text("#!/bin/sh\necho no keys here >&2; exit 1\n")
    with pytest.raises(ImageDenied, match=r"Your login for .* cannot be had"):
        pulled(daemon, name)


@pytest.mark.filterwarnings("ignore:docker-credential-gone not installed")
def test_a_credential_helper_that_is_missing_is_named(
    daemon: Daemon, locked: ImageRegistry, configuration: Path
) -> None:
    configuration.write_text(json.dumps({"credsStore": "gone"}))
    with pytest.raises(ImageDenied, match="docker-credential-gone not installed") as caught:
        pulled(daemon, f"{locked.host}/private/tool:1")
    assert "credsStore" in caught.value.hint


def test_a_pull_that_is_cut_is_never_the_old_image(daemon: Daemon, hub: ImageRegistry, wire: Proxy) -> None:
    name = f"{wire.host}/group/moving:1"
    for content in ("old", "new"):
        tag = f"{hub.host}/group/moving:1"
        daemon.import_image(tag, f"echo {content}", files={"big": os.urandom(BIG)})
        daemon.push(tag)
        if content == "old":
            old = pulled(daemon, name)
    wire.after = BIG // 3
    with pytest.raises(Unreachable, match="broke off"):
        pulled(daemon, name)
    assert wire.reached.is_set()
    with daemon.engine() as engine:
        now = find_image(engine, name)
        assert now is not None
        assert now.pinned == old, "the tag stands where it stood, and it was not taken for the new one"
        assert current_digest(engine, name) != now.digest
    wire.after = None
    assert pulled(daemon, name) != old


def test_a_registry_that_stalls_is_given_up(
    daemon: Daemon, hub: ImageRegistry, wire: Proxy, big: str
) -> None:
    wire.then, wire.after = "stall", BIG // 3
    name = f"{wire.host}/group/big@{big}"
    with pytest.raises(Unreachable, match="stands still: nothing came for a long time"):
        pulled(daemon, name, stall_s=1)
    assert not holds(daemon, name)
    wire.after = 0  # not even the manifest comes
    with pytest.raises(Unreachable, match="stands still"):
        pulled(daemon, name, stall_s=0.5)
    with daemon.engine() as engine:
        engine.api.timeout = 1
        with pytest.raises(Unreachable, match="stands still"):
            current_digest(engine, f"{wire.host}/group/big:1")


def test_ctrl_c_need_not_wait_for_a_call_that_hangs() -> None:
    progress, go_on = Progress(), threading.Event()

    def hang() -> bool:
        progress.cancel()
        return go_on.wait(30)

    with pytest.raises(Cancelled):
        interruptible(hang, progress)
    go_on.set()
    assert interruptible(lambda: 5, Progress()) == 5
    with pytest.raises(ZeroDivisionError):
        interruptible(lambda: 1 / 0, Progress())


def test_ctrl_c_stops_the_pull_in_the_engine_too(
    daemon: Daemon, hub: ImageRegistry, wire: Proxy, big: str
) -> None:
    wire.then, wire.after = "slow", BIG // 10
    watched = Watched()
    ended = threading.Event()

    def interrupt() -> None:
        assert watched.moved.wait(30)
        watched.cancel()
        ended.set()

    threading.Thread(target=interrupt, daemon=True).start()
    name = f"{wire.host}/group/big@{big}"
    with pytest.raises(Cancelled):
        pulled(daemon, name, watched)
    assert ended.is_set()
    assert wire.hung_up.wait(30), "the engine goes on pulling"
    assert not holds(daemon, name)


def test_an_image_for_other_machines_is_refused(daemon: Daemon, hub: ImageRegistry) -> None:
    tag = f"{hub.host}/group/foreign:1"
    daemon.import_image(tag, "echo foreign")
    daemon.push(tag)
    digest = hub.rebuild("group/foreign", "1", architecture="s390x")
    with daemon.engine() as engine:
        with pytest.raises(ImageArchitecture, match=r"is made for s390x; this engine runs \w+"):
            current_digest(engine, tag)
        with pytest.raises(ImageArchitecture):
            pull(engine, f"{hub.host}/group/foreign@{digest}", Progress())
        if engine.about.architecture == "amd64":
            digest = hub.rebuild("group/foreign", "1", architecture="386")
            assert current_digest(engine, tag) == digest, "amd64 runs it, too"
            assert pull(engine, tag, Progress()).architecture == "386"


def test_an_image_of_this_machines_own_making_has_no_digest(daemon: Daemon) -> None:
    made = daemon.import_image("own/made:1", "echo own")
    with daemon.engine() as engine:
        image = find_image(engine, "own/made:1")
        assert image is not None
        assert image.is_local
        assert image.pinned == image.digest == image.id == made
        assert find_image(engine, made) == image


def test_a_full_disk_is_called_by_its_name(hub: ImageRegistry, big: str, small_disk: Path) -> None:
    with running(["--storage-driver", "vfs"], data=small_disk) as starved:
        with pytest.raises(StorageFailed, match="disk is full"):
            pulled(starved, f"{hub.host}/group/big@{big}")
        assert starved.containers() == []


def test_an_engine_that_stops_in_mid_pull_is_said(daemon: Daemon, wire: Proxy, big: str) -> None:
    wire.then, wire.after = "stall", BIG // 3
    watched = Watched()

    def stop() -> None:
        assert watched.moved.wait(30)
        daemon.kill()

    thread = threading.Thread(target=stop, daemon=True)
    thread.start()
    try:
        with pytest.raises(RoforlmaoError, match=r"went away|broke off|does not run"):
            pulled(daemon, f"{wire.host}/group/big@{big}", watched)
    finally:
        thread.join(60)
        daemon.start()
