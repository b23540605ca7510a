"""The record that makes a tool installed, and the help that outlives it."""

from __future__ import annotations

import dataclasses
from pathlib import Path

import pytest

from roforlmao.errors import BadInput, NotFound, StorageFailed
from roforlmao.paths import Places
from roforlmao.tools.model import Command, Definition, Program
from roforlmao.tools.records import Installed, get_installed, help_of, installed, remove, save


@pytest.fixture
def places(tmp_path: Path) -> Places:
    return Places(tmp_path / "state", tmp_path / "imports", tmp_path / "work")


def tool(places: Places, name: str = "sar", data_repo: str = "https://example.org/data") -> Installed:
    return Installed(
        name=name,
        kind="script",
        path=places.tools / name,
        data_path=places.data / name if data_repo else None,
        data_repo=data_repo,
        code_repo="https://example.org/code",
        commit="a" * 40,
        digest="",
        fingerprint="f",
        registered_by="alice",
        installed_at="2026-01-01T00:00:00+00:00",
        definition=Definition(name, "d", "out", "", "", Program("sh", "i.sh"), (Command("Run", "", "sh"),)),
    )


@pytest.mark.parametrize("data_repo", ["https://example.org/data", ""])
def test_a_record_comes_back_as_it_was(places: Places, data_repo: str) -> None:
    saved = save(tool(places, data_repo=data_repo), places)
    assert get_installed("sar", places) == saved
    assert installed(places) == [saved]


def test_notes_are_of_the_moment(places: Places) -> None:
    save(dataclasses.replace(tool(places), notes=("said once",)), places)
    assert get_installed("sar", places).notes == ()


def test_without_a_record_a_tool_is_not_installed(places: Places) -> None:
    (places.tools / "sar").mkdir(parents=True)
    assert installed(places) == []
    with pytest.raises(NotFound) as caught:
        get_installed("sar", places)
    assert "tool install sar" in caught.value.hint


def test_help_outlives_clone_and_record(places: Places) -> None:
    save(tool(places), places)
    remove("sar", places)
    assert installed(places) == []
    assert help_of("sar", places) == tool(places).definition
    with pytest.raises(NotFound, match="never installed"):
        help_of("other", places)


@pytest.mark.parametrize("content", ["", "{", "[]", '{"name": 1}', '{"definition": {}}'])
def test_a_damaged_record_is_named_and_hides_no_other_tool(places: Places, content: str) -> None:
    save(tool(places), places)
    (places.state / "tools" / "other.json").write_text(content)
    assert [found.name for found in installed(places)] == ["sar"]
    with pytest.raises(StorageFailed, match="damaged"):
        get_installed("other", places)


def test_a_name_that_is_a_path_is_refused(places: Places) -> None:
    with pytest.raises(BadInput):
        get_installed("../sar", places)
    with pytest.raises(BadInput):
        help_of("../sar", places)
