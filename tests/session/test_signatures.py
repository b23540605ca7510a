"""Signed entries: who signed what a peer uses, a key that changes, and names that are not one's own."""

from __future__ import annotations

import json
import shutil
import subprocess
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from roforlmao.errors import ConfigurationError
from roforlmao.registry.signatures import Signer, seal_of
from roforlmao.registry.sqlite import SqliteRegistry
from tests.session.world import Operator, World

pytestmark = pytest.mark.skipif(not shutil.which("ssh-keygen"), reason="ssh-keygen is not installed")
URL = "https://example.org/them/tool.git"


def new_key(place: Path, kind: str = "ed25519", passphrase: str = "") -> Path:
    words = ["ssh-keygen", "-q", "-t", kind, "-N", passphrase, "-C", "test", "-f", str(place)]
    subprocess.run(words, check=True, capture_output=True)
    return place


def signing(world: World, name: str) -> Operator:
    """An operator with a key of their own, who lets nobody else name paths on this machine."""
    operator = world.operator(name)
    use_key(operator, new_key(operator.home / "id"))
    return operator


def use_key(operator: Operator, key: Path) -> None:
    (operator.home / "config.yaml").write_text(
        f"operator: {operator.name}\nsign: {{key: {key}}}\n"
        f"registry: {{sqlite: {{path: {operator.home.parent / 'registry.sqlite'}}}}}\n"
    )


def plant(world: World, key: str, value: dict[str, Any]) -> None:
    with closing(SqliteRegistry(world.registry)) as registry:
        registry.put(f"/mao/{key}", json.dumps(value).encode())


def stored(world: World, key: str) -> dict[str, Any]:
    with closing(SqliteRegistry(world.registry)) as registry:
        record = registry.get(f"/mao/{key}")
    assert record is not None
    found: dict[str, Any] = json.loads(record.value)
    return found


@pytest.fixture
def ann(world: World) -> Operator:
    return signing(world, "ann")


@pytest.fixture
def ben(world: World) -> Operator:
    return world.operator("ben")


@pytest.mark.parametrize("kind", ["ed25519", "ecdsa", "rsa"])
def test_what_is_signed_holds_for_its_place_and_its_words(tmp_path: Path, kind: str) -> None:
    signer = Signer(new_key(tmp_path / "id", kind))
    value = signer.sealed("/mao/tools/x", b'{"url": "https://example.org/\\u00fc", "n": 1.5}')
    assert seal_of("/mao/tools/x", value).state == "signed"
    assert signer.is_own("/mao/tools/x", value)
    assert seal_of("/mao/tools/y", value).state == "mismatch"
    fields = json.loads(value)
    assert seal_of("/mao/tools/x", json.dumps(dict(reversed(fields.items()))).encode()).state == "signed"
    assert seal_of("/mao/tools/x", json.dumps({**fields, "n": 2}).encode()).state == "mismatch"
    assert not Signer(new_key(tmp_path / "other")).is_own("/mao/tools/x", value)


@pytest.mark.parametrize(
    "signature",
    [7, "", "x", [], {"a": 1}, "ü", "x" * 50_000, "-----BEGIN SSH SIGNATURE-----\nAAAA\n", "-s\n/etc"],
)
def test_what_is_no_signature_does_not_match(signature: object) -> None:
    assert (
        seal_of("/mao/tools/x", json.dumps({"url": URL, "signature": signature}).encode()).state == "mismatch"
    )


def test_a_key_with_a_passphrase_or_no_key_is_told_and_never_asks(tmp_path: Path) -> None:
    for key in (new_key(tmp_path / "locked", passphrase="secret words"), tmp_path / "none"):
        with pytest.raises(ConfigurationError, match="does not sign"):
            Signer(key).sealed("/mao/tools/x", b"{}")


def test_a_peer_sees_who_signed_and_remembers_the_first_key(
    world: World, ann: Operator, ben: Operator
) -> None:
    ann.done("dataset", "add", "d", world.bare("d"), "--unchecked")
    seen = ben.done("dataset", "get", "d")["signed"]
    assert (seen["state"], seen["words"].startswith("signed by ann (SHA256:")) == ("signed", True)
    ben.done("dataset", "clone", "d")
    use_key(ann, new_key(ann.home / "next"))
    ann.done("dataset", "add", "d", world.bare("e"), "--unchecked", "--replace")
    changed = ben.verb("dataset", "clone", "d")
    assert (changed.status, changed.data["error"]["code"]) == (5, "untrusted")
    assert "another key than ann used before" in changed.data["error"]["message"]
    assert "--vouched" in changed.data["error"]["hint"]
    (ben.home / "imports" / "datasets" / "d").rename(ben.home / "before")
    ben.done("dataset", "clone", "d", "--vouched")
    assert ben.done("dataset", "get", "d")["signed"]["words"].startswith("signed by ann")


def test_an_entry_that_was_changed_or_lost_its_signature_is_not_used(
    world: World, ann: Operator, ben: Operator
) -> None:
    ann.done("dataset", "add", "d", world.bare("d"), "--unchecked")
    ben.done("dataset", "clone", "d")
    good = stored(world, "data/d")
    plant(world, "data/d", {**good, "url": world.bare("evil")})
    assert ben.done("dataset", "get", "d")["signed"]["words"] == "signature does not match"
    assert ben.verb("dataset", "clone", "d").status == 5
    plant(world, "data/d", {name: value for name, value in good.items() if name != "signature"})
    assert "unsigned, though ann signs" in ben.verb("dataset", "clone", "d").data["error"]["message"]
    plant(world, "data/d", good)
    assert ben.done("dataset", "clone", "d")["name"] == "d"


def test_unsigned_entries_of_those_who_never_signed_work_as_ever(world: World, ben: Operator) -> None:
    carl = world.operator("carl")
    carl.done("dataset", "add", "d", world.bare("d"))
    assert "signed" not in ben.done("dataset", "get", "d")
    assert ben.done("dataset", "clone", "d")["name"] == "d"


@pytest.mark.parametrize("path", ["/etc", "file:///etc", "\\u0066ile:///etc"])
def test_a_stranger_gains_no_trust_by_writing_one_s_name(world: World, ann: Operator, path: str) -> None:
    value = f'{{"code_repo": "{path}", "url": "{path}", "registered_by": "ann"}}'.encode()
    with closing(SqliteRegistry(world.registry)) as registry:
        for key in ("tools/forged", "data/forged", "hubs/h/2026-01-01/ann"):
            registry.put(f"/mao/{key}", value)
    for words in (
        ("tool", "install", "forged", "--trust"),
        ("dataset", "clone", "forged"),
        ("hub", "retrieve", "h", "2026-01-01", "ann"),
    ):
        answer = ann.verb(*words)
        assert answer.status == 2
        assert "path on this machine" in answer.data["error"]["message"]


def test_one_s_own_signed_paths_work(world: World, ann: Operator) -> None:
    ann.done("dataset", "add", "mine", world.bare("mine"))
    assert ann.done("dataset", "clone", "mine")["action"] == "cloned"
    ann.done("tool", "add", "releaser", "--code-repo", world.releaser(), "--data-repo", world.bare("data"))
    assert ann.done("tool", "install", "releaser", "--trust")["name"] == "releaser"


def test_overwriting_another_s_entry_asks_and_shows_whose_it_is(
    world: World, ann: Operator, ben: Operator
) -> None:
    del world
    ann.done("tool", "add", "t", "--code-repo", URL, "--unchecked")
    ann.done("dataset", "add", "d", URL, "--unchecked")
    for words in (("tool", "add", "t", "--code-repo", URL), ("dataset", "add", "d", URL)):
        refused = ben.verb(*words, "--unchecked")
        assert (refused.status, refused.data["error"]["code"]) == (2, "already-exists")
        assert "by ann" in refused.data["error"]["message"]
        assert "--replace" in refused.data["error"]["hint"]
        assert ben.done(*words, "--unchecked", "--replace")["registered_by"] == "ben"


def test_an_announcement_is_signed_and_a_retraction_signs_anew(
    world: World, ann: Operator, ben: Operator
) -> None:
    ann.done("dataset", "add", "d", world.bare("d"))
    clone = Path(ann.done("dataset", "clone", "d")["path"])
    World.write(clone, {"day-2026-01-02.csv": "a,b\n1,2\n"})
    ann.done("dataset", "sync", clone, "--hub", "h", "--date", "2026-01-02")
    (entry,) = ben.done("hub", "operators", "h", "2026-01-02")
    assert entry["signed"]["state"] == "signed"
    ben.done("hub", "retrieve", "h", "2026-01-02", "ann")
    ann.done("hub", "retract", "h", "2026-01-02", "--reason", "wrong")
    (entry,) = ben.done("hub", "operators", "h", "2026-01-02")
    assert (entry["signed"]["state"], entry["retracted"]["reason"]) == ("signed", "wrong")
    plant(world, "hubs/h/2026-01-02/ann", {**stored(world, "hubs/h/2026-01-02/ann"), "rows": 9})
    assert ben.verb("hub", "retrieve", "h", "2026-01-02", "ann").status == 5


def test_an_announcement_of_another_of_that_name_is_not_overwritten_unasked(
    world: World, ann: Operator
) -> None:
    ann.done("dataset", "add", "d", world.bare("d"))
    clone = Path(ann.done("dataset", "clone", "d")["path"])
    words = ("dataset", "sync", clone, "--hub", "h", "--date", "2026-01-02")
    World.write(clone, {"day-2026-01-02.csv": "a,b\n1,2\n"})
    ann.done(*words)
    before = stored(world, "hubs/h/2026-01-02/ann")
    use_key(ann, new_key(ann.home / "another"))
    refused = ann.verb(*words)
    assert (refused.status, refused.data["error"]["code"]) == (5, "loss-refused")
    assert "with another key than yours" in refused.data["error"]["message"]
    assert stored(world, "hubs/h/2026-01-02/ann") == before
    ann.done(*words, "--allow-loss")
    assert stored(world, "hubs/h/2026-01-02/ann")["signature"] != before["signature"]
    ann.done(*words)
