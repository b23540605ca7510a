"""Installing, trusting, updating and removing container tools, with a real engine and registry."""

from __future__ import annotations

import dataclasses
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from roforlmao.errors import (
    AlreadyExists,
    BadInput,
    Cancelled,
    EngineAbsent,
    OperationFailed,
    Refused,
    Untrusted,
)
from roforlmao.progress import Progress
from roforlmao.tools.install import get_installed, help_of, installed, sweep
from roforlmao.tools.trust import check_trust
from tests.faults.engines import Daemon, ImageRegistry, registry
from tests.faults.gitrepos import Counting, isolate
from tests.faults.imageworld import ImageWorld, held, image_world, publish

WHOLE = {"imports/data/spike", "state/tools/spike.json", "state/definitions/spike.json"}
LABELS = ('LABEL org.opencontainers.image.description="Counts spikes"', "ENV MODE=fast", "USER root")


@pytest.fixture(scope="module")
def hub(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ImageRegistry]:
    with registry(tmp_path_factory.mktemp("hub")) as found:
        yield found


@pytest.fixture
def here(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, daemon: Daemon, hub: ImageRegistry
) -> Iterator[ImageWorld]:
    isolate(monkeypatch, tmp_path / "home")
    monkeypatch.setenv("DOCKER_CONFIG", str(tmp_path / "home" / ".docker"))
    name, _ = publish(daemon, hub, "one", *LABELS)
    yield image_world(tmp_path, name, daemon.environ)
    daemon.clear()


def whole(here: ImageWorld) -> set[str]:
    """What an installed tool leaves in the home, with the note that its image is ours."""
    return WHOLE | {f"state/images/{path.name}" for path in (here.places.state / "images").glob("*")}


def test_install_trust_and_uninstall(here: ImageWorld, daemon: Daemon) -> None:
    with pytest.raises(Untrusted) as caught:
        here.install(trust=False)
    assert not here.left() - whole(here) | here.left() & WHOLE
    remedy = caught.value.remedy
    assert remedy
    told = "\n".join(remedy.details)
    for part in (
        here.tool.image,
        "Digest: sha256:",
        "Registered by: me",
        "starts: /bin/sh /tool.sh",
        "variable: MODE=fast",
        "label org.opencontainers.image.description: Counts spikes",
        "512 MB of memory",
        "network: bridge",
    ):
        assert part in told
    again = Counting()
    tool = here.install(again, trust=remedy.value)
    assert not any("Pulling" in label for label in again.labels), "the image waited for the yes"
    assert here.left() == whole(here)
    assert tool.pinned == f"{here.tool.image.removesuffix(':latest')}@{tool.digest}"
    assert (tool.kind, tool.commit, tool.fingerprint) == ("container", "", remedy.value)
    assert installed(here.places) == [dataclasses.replace(tool, notes=())]
    assert help_of("spike", here.places).description == "Counts spikes"
    with pytest.raises(AlreadyExists):
        here.install()
    here.uninstall()
    assert here.left() == {"state/definitions/spike.json"}
    assert held(daemon, tool.pinned) is None


def test_a_tag_that_moves_changes_nothing_until_an_update_is_trusted(
    here: ImageWorld, daemon: Daemon, hub: ImageRegistry
) -> None:
    first = here.install()
    assert here.update(trust=False).notes == ("The image is the newest already.",)
    _, digest = publish(daemon, hub, "two", "ENV MODE=evil", "USER root")
    assert check_trust(get_installed("spike", here.places), here.tool, here.places, trust=False).pinned
    with pytest.raises(Untrusted, match="changed since you trusted it") as caught:
        here.update(trust=False)
    assert get_installed("spike", here.places).pinned == first.pinned
    assert held(daemon, first.pinned)
    assert caught.value.remedy
    told = "\n".join(caught.value.remedy.details)
    for part in (f"Digest: {digest}", f"was {first.digest}", "-variable: MODE=fast", "+variable: MODE=evil"):
        assert part in told
    second = here.update(trust=caught.value.remedy.value)
    assert second.digest == digest
    assert second.notes
    assert held(daemon, second.pinned)
    assert held(daemon, first.pinned) is None, "the old image was ours, and nothing runs it any more"


def test_a_registry_entry_that_names_another_image_asks_again(here: ImageWorld) -> None:
    tool = here.install()
    moved = dataclasses.replace(here.tool, image="evil.example.org/spike")
    with pytest.raises(Untrusted) as caught:
        check_trust(tool, moved, here.places, trust=False)
    assert caught.value.remedy
    assert "The registry now names evil.example.org/spike as its image," in caught.value.remedy.details
    yes = check_trust(tool, moved, here.places, trust=caught.value.remedy.value)
    assert yes.pinned == tool.pinned, "what runs is what was trusted"
    assert check_trust(get_installed("spike", here.places), moved, here.places, trust=False) == yes
    assert check_trust(yes, None, here.places, trust=False) == yes, "the registry may be away"


def test_an_image_that_others_use_or_had_before_stays(here: ImageWorld, daemon: Daemon) -> None:
    tool, other = here.install(), here.called("other").install()
    assert tool.pinned == other.pinned
    here.uninstall()
    assert held(daemon, tool.pinned), "the other tool runs it"
    here.called("other").uninstall()
    assert held(daemon, tool.pinned) is None, "nobody runs it any more"
    with daemon.engine() as engine:
        engine.api.pull(here.tool.image)
    here.install()
    here.uninstall()
    assert held(daemon, tool.pinned), "it was here before"


def test_an_image_made_on_this_machine_is_pinned_by_its_id(here: ImageWorld, daemon: Daemon) -> None:
    made = daemon.import_image("own-spike:dev", "echo own")
    own = dataclasses.replace(here, tool=dataclasses.replace(here.tool, image="own-spike:dev"))
    with pytest.raises(Untrusted) as caught:
        own.install(trust=False)
    assert caught.value.remedy
    assert any("made on this machine" in line for line in caught.value.remedy.details)
    tool = own.install()
    assert (tool.pinned, tool.digest) == (made, made)
    assert any("No registry has this image" in note for note in tool.notes)
    own.uninstall()
    assert held(daemon, made), "it is the operator's own"


def test_an_image_that_was_pruned_comes_back_with_an_update(here: ImageWorld, daemon: Daemon) -> None:
    tool = here.install()
    daemon.clear()
    assert held(daemon, tool.pinned) is None
    assert here.update(trust=False).pinned == tool.pinned, "the same digest needs no new yes"
    assert held(daemon, tool.pinned)


def test_a_tool_without_a_data_repository_keeps_its_results(here: ImageWorld) -> None:
    alone = dataclasses.replace(here, tool=dataclasses.replace(here.tool, data_repo=""))
    tool = alone.install()
    assert tool.data_path is None
    tool.results.mkdir(parents=True, exist_ok=True)
    (tool.results / "day.csv").write_text("1\n")
    with pytest.raises(Refused, match=r"nowhere else: day\.csv"):
        alone.uninstall()
    (tool.results / "day.csv").unlink()
    alone.uninstall()
    assert here.left() == {"state/definitions/spike.json"}


def test_a_failure_leaves_nothing(here: ImageWorld, daemon: Daemon) -> None:
    gone = dataclasses.replace(here, tool=dataclasses.replace(here.tool, data_repo=str(here.top / "no.git")))
    with pytest.raises(OperationFailed, match=r"no\.git"):
        gone.install()
    assert here.left() == set()
    with daemon.engine() as engine:
        assert engine.api.images(quiet=True) == []


@pytest.mark.parametrize("image", ["", "a b", "-x", "\x1b[31m", "a" * 5000])
def test_a_name_that_is_none_reaches_no_engine(here: ImageWorld, image: str) -> None:
    bad = dataclasses.replace(
        here, tool=dataclasses.replace(here.tool, image=image), environ={"DOCKER_HOST": "unix:///nowhere"}
    )
    with pytest.raises(BadInput):
        bad.install()
    assert here.left() == set()


def test_without_an_engine_only_the_engine_is_missed(here: ImageWorld, daemon: Daemon) -> None:
    off = dataclasses.replace(here, environ={**os.environ, "DOCKER_HOST": "unix:///nowhere/d.sock"})
    with pytest.raises(EngineAbsent, match=r"unix:///nowhere/d\.sock does not run"):
        off.install()
    assert here.left() == set()
    tool = here.install()
    assert off.uninstall().name == "spike"
    assert held(daemon, tool.pinned), "nobody could be asked to remove it"
    for path in (here.places.state / "images").glob("*"):
        os.utime(path, (0, 0))
    assert sweep(here.places, off.environ) == []
    assert sweep(here.places, here.environ) == []
    assert held(daemon, tool.pinned) is None
    assert here.left() == {"state/definitions/spike.json"}


def test_an_image_that_was_not_trusted_goes_with_a_later_start(here: ImageWorld, daemon: Daemon) -> None:
    with pytest.raises(Untrusted):
        here.install(trust=False)
    sweep(here.places, here.environ)
    with daemon.engine() as engine:
        assert len(engine.api.images(quiet=True)) == 1, "the answer may still be a yes"
        for path in (here.places.state / "images").glob("*"):
            os.utime(path, (0, 0))
        sweep(here.places, here.environ)
        assert engine.api.images(quiet=True) == []
    assert here.left() == set()


@pytest.mark.parametrize(
    ("label", "checkpoints"),
    [("Asking", 1), ("Pulling", 2), ("Cloning", 1)],
)
def test_a_killed_install_leaves_nothing(
    here: ImageWorld, daemon: Daemon, label: str, checkpoints: int
) -> None:
    die(here, daemon, "install", label, checkpoints)
    assert sweep(here.places, here.environ) == ["spike"]
    assert here.left() == set()
    with daemon.engine() as engine:
        assert engine.api.images(quiet=True) == []
    assert here.install().pinned


@pytest.mark.parametrize("label", ["Pulling", "Unpacking"])
def test_a_killed_update_leaves_the_old_version(
    here: ImageWorld, daemon: Daemon, hub: ImageRegistry, label: str
) -> None:
    old = here.install()
    publish(daemon, hub, "two")
    die(here, daemon, "update", label, 1)
    assert sweep(here.places, here.environ) == ["spike"]
    assert get_installed("spike", here.places) == dataclasses.replace(old, notes=())
    assert here.left() == whole(here)
    with daemon.engine() as engine:
        assert len(engine.api.images(quiet=True)) == 1
    assert here.update().pinned != old.pinned


def die(here: ImageWorld, daemon: Daemon, action: str, label: str, checkpoints: int) -> None:
    words = [here.top, daemon.host, here.tool.image, action, label, checkpoints]
    done = subprocess.run(
        [sys.executable, "-m", "tests.faults.imageworld", *map(str, words)],
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
        env={**os.environ, "PYTHONPATH": str(Path(__file__).parents[2])},
    )
    assert done.returncode == -9, done.stderr


def test_ctrl_c_leaves_nothing(here: ImageWorld, daemon: Daemon) -> None:
    class Impatient(Progress):
        def start(self, label: str, total: int | None = None, unit: str = "") -> None:
            if label.startswith("Cloning"):
                self.cancel()

    with pytest.raises(Cancelled):
        here.install(Impatient())
    assert here.left() == set()
    with daemon.engine() as engine:
        assert engine.api.images(quiet=True) == []
