"""Strangers' entries, full disks and read-only homes: a sentence, an exit status, and nothing changed."""

from __future__ import annotations

import json
import os
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from roforlmao.registry.sqlite import SqliteRegistry
from tests.session.world import Operator, World, clean_environment

ROOT = pytest.mark.skipif(os.geteuid() != 0, reason="mounting a small file system needs root")


def stranger_writes(world: World, entries: dict[str, bytes]) -> None:
    registry = SqliteRegistry(world.registry)
    for key, value in entries.items():
        registry.put(f"/mao/{key}", value)
    registry.close()


def cautious(world: World, name: str) -> Operator:
    """An operator who does not take paths from strangers, which is the default."""
    operator = world.operator(name)
    config = operator.home / "config.yaml"
    config.write_text(config.read_text().replace("allow_local_repositories: true\n", ""))
    return operator


HOSTILE = {
    "tools/markup": json.dumps({"description": "[bold]x[/bold] :boom:", "code_repo": "https://h/c"}).encode(),
    "tools/escape": json.dumps(
        {"description": "\x1b]0;owned\x07\x1b[2J", "code_repo": "https://h/c"}
    ).encode(),
    "tools/python": b"{'code_repo': 'https://h/c'}",
    "tools/types": b'{"code_repo": ["https://h/c"]}',
    "tools/list": b"[1, 2]",
    "tools/null": b"null",
    "tools/bytes": b"\xff\xfe\x00",
    "tools/local": json.dumps({"code_repo": "file:///etc", "registered_by": "mallory"}).encode(),
    "tools/option": json.dumps({"code_repo": "--upload-pack=id"}).encode(),
    "tools/helper": json.dumps({"code_repo": "ext::sh -c id"}).encode(),
    "tools/../../x": b"https://h/c",
    "tools/bad name": b"https://h/c",
    "tools/large": json.dumps({"code_repo": "https://h/c", "description": "x" * 900_000}).encode(),
    "tools/bare": b"https://h/bare",
    "data/bare": b"https://h/data",
    "hubs/h/2019-3-5/bob": b"https://h/data",
    "hubs/h/2019-03-05/[red]": b"https://h/data",
}


def test_hostile_entries_are_listed_as_refused_and_shown_harmless(world: World) -> None:
    alice = cautious(world, "alice")
    stranger_writes(world, HOSTILE)
    good = {tool["name"] for tool in alice.done("tool", "get")}
    assert good == {"bare", "markup", "escape", "large"}
    env = {**clean_environment(), "HOME": str(world.root.parent / "login")}
    shown = subprocess.run(alice.command("tool", "get"), env=env, capture_output=True, text=True, check=True)
    assert "\x1b" not in shown.stdout + shown.stderr
    assert "[bold]x[/bold] :boom:" in shown.stdout
    assert len([line for line in shown.stderr.splitlines() if line.startswith("Warning")]) == 10
    assert [d["url"] for d in alice.done("dataset", "get")] == ["https://h/data"]
    assert alice.done("hub", "dates", "h") == ["2019-03-05"]
    assert [a["operator"] for a in alice.done("hub", "operators", "h", "2019-3-5")] == ["bob"]


@pytest.mark.parametrize("name", ["local", "option", "helper", "python", "types"])
def test_a_hostile_entry_cannot_be_installed(world: World, name: str) -> None:
    alice = cautious(world, "alice")
    stranger_writes(world, HOSTILE)
    answer = alice.verb("tool", "install", name, "--trust")
    assert (answer.status, answer.data["error"]["code"]) == (2, "bad-input")
    assert not (alice.home / "imports" / "tools").exists() or not list(
        (alice.home / "imports" / "tools").iterdir()
    )


def test_a_peers_path_is_not_retrieved_unless_the_operator_allows_it(world: World) -> None:
    bob, alice = world.operator("bob"), cautious(world, "alice")
    own = world.root / "own"
    url = world.bare("own")
    world.git(world.root, "clone", "--quiet", url.removeprefix("file://"), str(own))
    world.write(own, {"a.csv": "1\n"})
    bob.done("dataset", "sync", own, "--hub", "h", "--date", "2026-01-01")
    refused = alice.verb("hub", "retrieve", "h", "2026-01-01", "bob")
    assert refused.status == 2
    assert "allow_local_repositories" in refused.data["error"]["message"]
    assert bob.done("hub", "retrieve", "h", "2026-01-01", "bob")["action"] == "cloned"


def test_what_is_no_repository_is_said_and_leaves_nothing(world: World) -> None:
    alice = world.operator("alice")
    directory = world.root / "plain"
    directory.mkdir()
    url = f"file://{directory}"
    assert alice.verb("dataset", "add", "d", url).data["error"]["code"] == "unreachable"
    alice.done("dataset", "add", "d", url, "--unchecked")
    answer = alice.verb("dataset", "clone", "d")
    assert answer.status == 3
    assert "Traceback" not in answer.err
    assert list((alice.home / "imports" / "datasets").iterdir()) == []


@pytest.fixture
def mounted(tmp_path: Path) -> Iterator[Path]:
    """A file system of 8 MB of its own."""
    place = tmp_path / "mounted"
    place.mkdir()
    subprocess.run(["mount", "-t", "tmpfs", "-o", "size=8m", "tmpfs", str(place)], check=True)
    yield place
    subprocess.run(["umount", "--lazy", str(place)], check=True)


def fill(place: Path) -> None:
    with (place / "ballast").open("wb", buffering=0) as handle:
        try:
            while True:
                handle.write(b"x" * 65536)
        except OSError:
            return


@ROOT
def test_a_full_disk_is_a_sentence_and_nothing_registered_is_lost(world: World, mounted: Path) -> None:
    home = mounted / "alice"
    home.mkdir()
    (home / "config.yaml").write_text("operator: alice\nallow_local_repositories: true\n")
    alice = Operator("alice", home)
    alice.done("dataset", "add", "kept", world.bare("kept"))
    other = world.bare("other")
    fill(mounted)
    for words in (
        ["dataset", "add", "new", other],
        ["dataset", "clone", "kept"],
        ["init", "--operator", "x"],
    ):
        answer = alice.verb(*words)
        assert answer.status in (3, 4), answer.out
        assert "Traceback" not in answer.err
        message = answer.data["error"]["message"] + answer.data["error"]["hint"]
        assert "space" in message.lower(), message
    (mounted / "ballast").unlink()
    assert [d["name"] for d in alice.done("dataset", "get")] == ["kept"]
    assert alice.done("config")["operator"] == "alice"
    assert alice.done("dataset", "clone", "kept")["action"] == "cloned"


@ROOT
def test_a_read_only_home_is_a_sentence(world: World, mounted: Path) -> None:
    home = mounted / "alice"
    home.mkdir()
    (home / "config.yaml").write_text("operator: alice\n")
    subprocess.run(["mount", "-o", "remount,ro", str(mounted)], check=True)
    alice = Operator("alice", home)
    for words in (
        ["tool", "get"],
        ["dataset", "add", "d", "https://127.0.0.1:1/d", "--unchecked"],
        ["run", "list"],
    ):
        answer = alice.verb(*words)
        assert answer.status in (3, 4), answer.out
        assert "read-only" in answer.data["error"]["message"] + answer.data["error"]["hint"], answer.out
    assert alice.verb("doctor").status == 1
