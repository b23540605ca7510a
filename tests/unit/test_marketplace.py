"""A marketplace file: good entries go in, the others are listed with the reason."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from roforlmao.actions.marketplace import import_tools
from roforlmao.errors import BadInput
from roforlmao.progress import Progress
from roforlmao.registry.catalog import Catalog
from roforlmao.registry.sqlite import SqliteRegistry


@pytest.fixture
def catalog(tmp_path: Path) -> Iterator[Catalog]:
    registry = SqliteRegistry(tmp_path / "registry.sqlite")
    yield Catalog(registry, "/mao/", "alice", False)
    registry.close()


def entry(**fields: Any) -> dict[str, Any]:
    return {
        "name": "spike",
        "author": "Panos",
        "image": "panosece/spike:latest",
        "data_repo": "https://example.org/data.git",
        "code_repo": "",
        "artefact": "dockerhub",
        "description": "counts",
        **fields,
    }


def write(tmp_path: Path, content: Any) -> Path:
    path = tmp_path / "market.json"
    path.write_text(content if isinstance(content, str) else json.dumps(content), encoding="utf-8")
    return path


def test_good_entries_go_in_and_bad_ones_are_listed_with_the_reason(catalog: Catalog, tmp_path: Path) -> None:
    script = entry(name="script", image=None, code_repo="https://example.org/code.git")
    bad: list[Any] = [
        entry(name="a/b"),
        entry(name="x" * 300),
        entry(name="esc\x1b[31m"),
        entry(name="u", data_repo="ext::sh"),
        entry(name="v", data_repo="file:///etc"),
        entry(name="w", image="-x"),
        entry(name="n", image="", code_repo=""),
        entry(name=5),
        "text",
        None,
        {},
    ]
    outcome = import_tools(write(tmp_path, [entry(), script, *bad]), catalog, "alice", Progress())
    assert outcome.added == ["spike", "script"]
    assert len(outcome.failed) == len(bad)
    assert all(failure["reason"] and failure["name"].isprintable() for failure in outcome.failed)
    assert [tool.kind for tool in catalog.tools().good] == ["script", "container"]


def test_what_is_there_is_skipped_and_not_overwritten(catalog: Catalog, tmp_path: Path) -> None:
    import_tools(write(tmp_path, [entry()]), catalog, "alice", Progress())
    outcome = import_tools(write(tmp_path, [entry(author="other")]), catalog, "alice", Progress())
    assert (outcome.added, outcome.skipped) == ([], ["spike"])
    assert catalog.tool("spike").author == "Panos"


@pytest.mark.parametrize(
    "content", ["", "{}", "[1,", '"x"', "[" * 100_000, "\ud83d".encode("utf-8", "replace").decode()]
)
def test_a_file_that_is_no_list_is_one_error(catalog: Catalog, tmp_path: Path, content: str) -> None:
    with pytest.raises(BadInput):
        import_tools(write(tmp_path, content), catalog, "alice", Progress())


def test_a_missing_file_is_named(catalog: Catalog, tmp_path: Path) -> None:
    with pytest.raises(BadInput, match="nowhere"):
        import_tools(tmp_path / "nowhere.json", catalog, "alice", Progress())
