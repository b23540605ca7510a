"""What an image says of itself fills in the form, from the engine or from its registry."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from roforlmao.actions import imagelabels
from roforlmao.actions.table import find
from roforlmao.app import App
from roforlmao.paths import Home
from roforlmao.tools.image import ImageSource
from roforlmao.tools.labels import labels_of
from tests.faults.engines import Daemon, ImageRegistry, registry

NOWHERE = {"DOCKER_HOST": "unix:///nowhere/d.sock"}
TRICKY = 'LABEL org.opencontainers.image.title="Spikes" org.opencontainers.image.source="ext::sh -c id"'
LABELS = (
    'LABEL org.opencontainers.image.description="Counts\x1b[31m   spikes"',
    'LABEL org.opencontainers.image.authors="ada"',
    'LABEL org.opencontainers.image.source="https://example.org/spikes.git" other.label="x"',
)


@pytest.fixture(scope="module")
def hub(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ImageRegistry]:
    with registry(tmp_path_factory.mktemp("hub")) as found:
        yield found


def test_labels_come_from_the_engine_that_holds_the_image_else_from_its_registry(
    daemon: Daemon, hub: ImageRegistry
) -> None:
    name = f"{hub.host}/group/labelled:1"
    daemon.import_image(name, "echo", changes=LABELS)
    held = labels_of(name, daemon.environ, timeout=5)
    assert held["authors"] == "ada"
    assert "other.label" not in held
    daemon.push(name)
    assert labels_of(name, daemon.environ, timeout=5) == held
    assert labels_of(name, NOWHERE, timeout=5) == held
    assert labels_of(f"{hub.host}/group/none", NOWHERE, timeout=5) == {}
    assert labels_of("not an image", NOWHERE, timeout=5) == {}


def test_the_form_offers_what_the_labels_say_and_nothing_harmful(
    daemon: Daemon, hub: ImageRegistry, tmp_path: Path
) -> None:
    app = App(Home(tmp_path, tmp_path / "config.yaml"), NOWHERE)
    offers = {p.name: p.default for p in find("tool", "add").parameters if p.default}
    assert [p.name for p in find("tool", "add").questions][:3] == ["name", "image", "author"]
    for tag, changes, wanted in (
        ("good", LABELS, ["ada", "https://example.org/spikes.git", "Counts spikes"]),
        ("bad", (TRICKY,), ["", "", "Spikes"]),
    ):
        name = f"{hub.host}/group/form:{tag}"
        daemon.import_image(name, "echo", changes=changes)
        daemon.push(name)
        assert [offer(app, {"image": name}) for offer in offers.values()] == wanted
    assert {offer(app, {}) for offer in offers.values()} == {""}


@pytest.mark.parametrize(
    "manifest",
    [b"", b"[]", b"{}", b'{"manifests": {}}', b'{"manifests": [1]}', b'{"config": 1}', b'{"config": {}}'],
)
def test_a_manifest_that_is_none_gives_no_labels(monkeypatch: pytest.MonkeyPatch, manifest: bytes) -> None:
    monkeypatch.setattr(ImageSource, "get", lambda *_args, **_options: manifest)
    assert labels_of("h:5/a", NOWHERE, timeout=1) == {}


def test_an_index_leads_to_the_image_of_this_machine(monkeypatch: pytest.MonkeyPatch) -> None:
    def answer(_: ImageSource, place: str, **_options: Any) -> bytes:
        other, own = {"architecture": "s390x"}, {"architecture": "amd64"}
        found = {
            "manifests/1": {
                "manifests": [{"digest": "o", "platform": other}, {"digest": "m", "platform": own}]
            },
            "manifests/m": {"config": {"digest": "c"}},
            "blobs/c": {"config": {"Labels": {"org.opencontainers.image.title": "Mine"}}},
        }
        return json.dumps(found[place]).encode()

    monkeypatch.setattr("platform.machine", lambda: "x86_64")
    monkeypatch.setattr(ImageSource, "get", answer)
    assert labels_of("h:5/a:1", NOWHERE, timeout=1) == {"title": "Mine"}


def test_a_registry_that_is_slow_holds_no_question_up(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked, go_on = threading.Event(), threading.Event()

    def slow(*_args: Any, **_options: Any) -> bytes:
        asked.set()
        assert go_on.wait(30)
        return b"{}"

    monkeypatch.setattr(imagelabels, "_PATIENCE_S", 0.05)
    monkeypatch.setattr(ImageSource, "get", slow)
    app = App(Home(tmp_path, tmp_path / "config.yaml"), NOWHERE)
    assert imagelabels.from_label("title")(app, {"image": "h:5/slow"}) == ""
    assert asked.wait(10)
    go_on.set()
