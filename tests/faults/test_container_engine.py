"""Finding the engine, and what is said when there is none that can be used."""

from __future__ import annotations

from tests.faults.engines import Daemon


def test_an_engine_is_found_by_its_address(daemon: Daemon) -> None:
    with daemon.engine() as engine:
        assert engine.about.name == "Docker"
        assert engine.about.system == "linux"
        assert engine.is_here


def test_an_imported_image_runs(daemon: Daemon) -> None:
    daemon.import_image("t:1", "echo hello $1")
    with daemon.engine() as engine:
        c = engine.api.create_container("t:1", command=["you"])
        engine.api.start(c["Id"])
        assert engine.api.wait(c["Id"])["StatusCode"] == 0
        assert engine.api.logs(c["Id"]) == b"hello you\n"
    daemon.clear()
    assert daemon.containers() == []
