"""Container tools by verbs, from registration to removal, on a real engine and registry."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from roforlmao.sample.image import make_image, static_busybox
from tests.faults.engines import Daemon, ImageRegistry, registry
from tests.faults.imageworld import held, publish
from tests.faults.proxy import proxy
from tests.screens.terminal import Terminal
from tests.session.world import PROJECT, Operator, World, clean_environment


@pytest.fixture(scope="module")
def hub(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ImageRegistry]:
    with registry(tmp_path_factory.mktemp("hub")) as found:
        yield found


@pytest.fixture
def alice(world: World, monkeypatch: pytest.MonkeyPatch, daemon: Daemon) -> Iterator[Operator]:
    monkeypatch.setenv("DOCKER_HOST", daemon.host)
    monkeypatch.setenv("DOCKER_CONFIG", str(world.root))
    yield world.operator("alice")
    daemon.clear()


def test_from_registration_to_removal(
    alice: Operator, world: World, daemon: Daemon, hub: ImageRegistry
) -> None:
    image, digest = publish(daemon, hub, "one")
    data = world.bare("data")
    refused = alice.verb("tool", "add", "spike", "ada", f"{hub.host}/group/none", data)
    assert refused.status == 3
    assert "cannot be reached" in refused.data["error"]["message"]
    assert alice.verb("tool", "add", "spike", "ada", "a b", data).status == 2
    entry = alice.done("tool", "add", "spike", "ada", image, data, "", "dockerhub")
    assert (entry["kind"], entry["image"]) == ("container", image)
    untrusted = alice.verb("tool", "install", "spike")
    assert untrusted.status == 5
    assert untrusted.data["error"]["code"] == "untrusted"
    done = alice.done("tool", "install", "spike", "--trust")
    assert done["digest"] == digest
    assert Path(done["data_path"]).is_dir()
    assert [(one["name"], one["kind"]) for one in alice.done("tool", "installed")] == [("spike", "container")]
    assert [one["name"] for one in alice.done("tool", "help", "spike")["commands"]] == ["run"]
    _, newer = publish(daemon, hub, "two")
    changed = alice.verb("tool", "update", "spike")
    assert changed.status == 5
    assert alice.done("tool", "update", "spike", "--trust")["digest"] == newer
    pinned = f"{image.removesuffix(':latest')}@{newer}"
    daemon.clear()  # as `docker system prune --all` would
    run = alice.done("tool", "run", "spike", "--no-sync")
    assert (run["state"], run["digest"], run["image"]) == ("succeeded", newer, image)
    assert held(daemon, pinned), "it was pulled again, by its digest"
    alice.done("--yes", "tool", "uninstall", "spike")
    assert held(daemon, pinned) is None


def test_doctor_misses_an_engine_only_where_a_tool_needs_it(
    alice: Operator, world: World, daemon: Daemon, monkeypatch: pytest.MonkeyPatch
) -> None:
    def engine() -> dict[str, object]:
        found: list[dict[str, object]] = alice.verb("doctor").data
        return next(one for one in found if one["check"] == "engine")

    assert engine()["ok"]
    assert str(engine()["detail"]).startswith("Docker ")
    monkeypatch.setenv("DOCKER_HOST", "unix:///nowhere/d.sock")
    assert engine()["ok"]
    assert "No installed tool needs one." in str(engine()["detail"])
    monkeypatch.setenv("DOCKER_HOST", daemon.host)
    daemon.import_image("localhost/own:1", "echo own")
    alice.done("tool", "add", "own", "--image", "localhost/own:1", "--unchecked")
    alice.done("tool", "install", "own", "--trust")
    monkeypatch.setenv("DOCKER_HOST", "unix:///nowhere/d.sock")
    missed = engine()
    assert not missed["ok"]
    assert "Needed by own." in str(missed["detail"])
    assert "Install and start Docker or Podman" in str(missed["hint"])
    assert alice.verb("doctor").status == 1
    assert alice.verb("--yes", "tool", "uninstall", "own").status == 0, "that needs no engine"


def test_the_sample_has_a_container_tool_where_there_is_an_engine(
    alice: Operator, world: World, daemon: Daemon, monkeypatch: pytest.MonkeyPatch
) -> None:
    place = world.root / "sample"
    monkeypatch.setenv("DOCKER_HOST", "unix:///nowhere/d.sock")
    story = alice.done("demo", "--directory", place)["story"]
    assert any("a container tool is left out: The container engine at unix:///nowhere" in s for s in story)
    monkeypatch.setenv("DOCKER_HOST", daemon.host)
    story = alice.done("demo", "--directory", place)["story"]
    assert any("runs it in a container: succeeded, announces" in line for line in story)
    assert daemon.containers() == []
    home = Operator("alice", place / "alice")
    run = home.done("run", "list", "--tool", "container-mounts")[0]
    assert run["state"] == "succeeded"
    assert run["digest"].startswith("sha256:")
    home.done("--yes", "tool", "uninstall", "container-mounts")
    with daemon.engine() as engine:
        assert engine.api.images(quiet=True) == [], "the image goes with the tool"


def test_a_second_sample_replaces_the_image_of_the_first(daemon: Daemon, tmp_path: Path) -> None:
    busybox = static_busybox()
    assert busybox
    for _ in range(2):
        name = make_image(tmp_path, busybox, daemon.environ)
    with daemon.engine() as engine:
        assert [one["RepoTags"] for one in engine.api.images()] == [[name]]
    daemon.clear()


def test_a_program_that_needs_a_linker_makes_no_image(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    shell = tmp_path / "busybox"
    shell.write_bytes(Path("/bin/sh").read_bytes())
    shell.chmod(0o755)
    monkeypatch.setenv("PATH", str(tmp_path))
    assert static_busybox() is None
    shell.write_text("#!/bin/sh\n")
    assert static_busybox() is None
    shell.unlink()
    assert static_busybox() is None


def test_a_pull_is_seen_layer_by_layer_and_ctrl_c_stops_it(
    alice: Operator, daemon: Daemon, hub: ImageRegistry
) -> None:
    tag = "group/slow:1"
    daemon.import_image(f"{hub.host}/{tag}", "echo slow", files={"big": os.urandom(8_000_000)})
    daemon.push(f"{hub.host}/{tag}")
    with proxy(hub.port) as wire:
        alice.done("tool", "add", "slow", "--image", f"{wire.host}/{tag}")
        wire.then, wire.after = "slow", 1_000_000
        command = alice.command("tool", "install", "slow", "--trust")
        with Terminal(command, cols=80, rows=24, env=clean_environment(), cwd=PROJECT) as terminal:
            terminal.wait_until(lambda: "downloading" in terminal.screen() and "MB" in terminal.screen())
            headline, total, layer = terminal.screen().splitlines()[:3]
            assert "Pulling 127.0.0.1" in headline
            assert "Ctrl-C stops" in headline
            assert re.search(r"\d+%  \d+\.\d of 9\.\d MB", total)
            assert re.search(r"[0-9a-f]{12} .*\d+%  downloading", layer)
            terminal.press("ctrl-c")
            assert terminal.wait_end() == 130
            assert "Stopped" in terminal.screen()
        assert wire.hung_up.wait(30), "the engine goes on pulling"
    with daemon.engine() as engine:
        assert engine.api.images(quiet=True) == []
    assert alice.done("tool", "installed") == []
