"""The catalogue: what actions see of the registry, whatever strangers wrote there."""

from __future__ import annotations

import datetime as dt
import json
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest

from roforlmao.errors import AlreadyExists, BadInput, NotFound, TooLarge, Unavailable
from roforlmao.models import Announcement, Dataset, Tool
from roforlmao.registry.base import Registry
from roforlmao.registry.catalog import Catalog, Entries
from roforlmao.registry.sqlite import SqliteRegistry

URL = "https://example.org/them/tool.git"
OTHER_URL = "git@example.org:them/data.git"


@pytest.fixture
def registry(tmp_path: Path) -> Iterator[Registry]:
    registry = SqliteRegistry(tmp_path / "registry.sqlite")
    yield registry
    registry.close()


@pytest.fixture
def catalog(registry: Registry) -> Catalog:
    return Catalog(registry, "/mao/", "me", allow_local=False)


def write(registry: Registry, key: str, value: Any) -> None:
    """What a stranger's program put there."""
    registry.put(f"/mao/{key}", value if isinstance(value, bytes) else json.dumps(value).encode())


def stored(registry: Registry, key: str) -> Any:
    record = registry.get(f"/mao/{key}")
    assert record is not None
    return json.loads(record.value)


def test_an_empty_registry_has_nothing(catalog: Catalog) -> None:
    for entries in (catalog.tools(), catalog.datasets(), catalog.announcements("dockerhub")):
        assert entries == Entries(())
    assert catalog.hubs() == catalog.dates("dockerhub") == []


def test_a_tool_is_signed_and_read_back(registry: Registry, catalog: Catalog) -> None:
    before = dt.datetime.now(dt.UTC).replace(microsecond=0)
    added = catalog.add_tool(
        Tool("spike", "A", "panosece/spike:latest", URL, URL, "x", "Ünïcode", "container")
    )
    assert added.registered_by == "me"
    assert before <= dt.datetime.fromisoformat(added.registered_at) <= dt.datetime.now(dt.UTC)
    assert catalog.tool("spike") == added
    assert catalog.tools().good == (added,)
    found = stored(registry, "tools/spike")
    assert found["image"] == "panosece/spike:latest"
    assert found["description"] == "Ünïcode"
    assert "name" not in found


def test_a_script_tool_holds_all_fields_that_other_programs_read(
    registry: Registry, catalog: Catalog
) -> None:
    catalog.add_tool(Tool("collect", code_repo=URL))
    assert set(stored(registry, "tools/collect")) == {
        "author", "image", "data_repo", "code_repo", "artefact", "kind", "registered_by", "registered_at"
    }  # fmt: skip


def test_a_dataset_is_signed_and_read_back(catalog: Catalog) -> None:
    added = catalog.add_dataset(Dataset("aws-sar", URL, "days"))
    assert added.registered_by == "me"
    assert catalog.dataset("aws-sar") == added
    assert catalog.datasets().good == (added,)
    assert catalog.remove_dataset("aws-sar") == added
    assert catalog.datasets().good == ()


def test_entries_come_sorted_by_name(catalog: Catalog) -> None:
    for name in ("b", "C", "a", "a.b"):
        catalog.add_tool(Tool(name, code_repo=URL))
    assert [tool.name for tool in catalog.tools().good] == ["C", "a", "a.b", "b"]


def test_a_name_that_is_taken_stays_with_who_has_it(registry: Registry, catalog: Catalog) -> None:
    first = catalog.add_tool(Tool("spike", code_repo=URL))
    other = Catalog(registry, "/mao", "you", allow_local=False)
    with pytest.raises(AlreadyExists, match="'spike'") as caught:
        other.add_tool(Tool("spike", code_repo=OTHER_URL))
    assert "tool remove spike" in caught.value.hint
    assert other.tool("spike") == first


def test_replacing_keeps_the_fields_of_other_launchers(registry: Registry, catalog: Catalog) -> None:
    write(registry, "tools/spike", {"code_repo": URL, "stars": 5, "url": "theirs", "deep": {"a": [1, None]}})
    write(registry, "data/aws", {"url": URL, "licence": "CC0", "author": "them"})
    replaced = catalog.add_tool(Tool("spike", code_repo=OTHER_URL, extra={"stars": 6}), replace=True)
    assert replaced.extra == {"stars": 6, "url": "theirs", "deep": {"a": [1, None]}}
    assert catalog.tool("spike") == replaced
    catalog.add_dataset(Dataset("aws", OTHER_URL), replace=True)
    assert catalog.dataset("aws").extra == {"licence": "CC0", "author": "them"}


def test_replacing_what_cannot_be_used_makes_it_usable(registry: Registry, catalog: Catalog) -> None:
    write(registry, "tools/spike", {"code_repo": "ext::sh", "stars": 5})
    write(registry, "tools/quoted", b"{'code_repo': 'x'}")
    for name in ("spike", "quoted"):
        with pytest.raises(AlreadyExists):
            catalog.add_tool(Tool(name, code_repo=URL))
        catalog.add_tool(Tool(name, code_repo=URL), replace=True)
    assert catalog.tool("spike").extra == {"stars": 5}
    assert catalog.tools().refused == ()


@pytest.mark.parametrize(
    "tool",
    [
        Tool("../x", code_repo=URL),
        Tool("", code_repo=URL),
        Tool("x" * 300, code_repo=URL),
        Tool("-x", code_repo=URL),
        Tool("x"),
        Tool("x", kind="container", code_repo=URL),
        Tool("x", code_repo="ext::sh -c evil"),
        Tool("x", code_repo="-oProxyCommand=evil"),
        Tool("x", code_repo=URL, data_repo="https://a/b\nc"),
        Tool("x", code_repo=URL, data_repo="https://me:secret@a/b"),
        Tool("x", image="--privileged", kind="container"),
        Tool("x", image="a b", kind="container"),
        Tool("x", code_repo=URL, extra={"deep": json.loads("[" * 60 + "]" * 60)}),
    ],
)
def test_a_tool_that_breaks_a_rule_is_not_written(registry: Registry, catalog: Catalog, tool: Tool) -> None:
    with pytest.raises(BadInput) as caught:
        catalog.add_tool(tool)
    assert "\n" not in caught.value.message
    assert registry.list("").records == ()


def test_a_tool_that_is_too_large_is_not_written(registry: Registry, catalog: Catalog) -> None:
    with pytest.raises((TooLarge, BadInput), match="bytes"):
        catalog.add_tool(Tool("x", code_repo=URL, description="x" * 1_000_001))
    assert registry.list("").records == ()


def test_nobody_writes_without_an_operator(registry: Registry) -> None:
    nameless = Catalog(registry, "/mao/", "", allow_local=False)
    with pytest.raises(BadInput, match="operator"):
        nameless.add_tool(Tool("x", code_repo=URL))
    assert nameless.tools().good == ()


@pytest.mark.parametrize("replace", [False, True])
def test_of_many_who_add_one_name_one_wins_or_the_last_counts(
    registry: Registry, catalog: Catalog, replace: bool
) -> None:
    start = threading.Barrier(4)

    def add(number: int) -> bool:
        start.wait(10)
        try:
            tool = Tool("x", code_repo=URL, extra={f"from-{number}": number})
            catalog.add_tool(tool, replace=replace)
        except AlreadyExists:
            return False
        return True

    with ThreadPoolExecutor(4) as pool:
        won = sum(pool.map(add, range(4)))
    assert won == (4 if replace else 1)
    assert len(catalog.tool("x").extra) == won, "each rewrite keeps what the others wrote"


@pytest.mark.parametrize(
    ("asked", "hint"),
    [("spyke", "'spike'"), ("aws-spikes", "'aws-spike'"), ("zzz", "tool get"), ("Spike", "'spike'")],
)
def test_a_name_that_is_not_there_brings_the_nearest(catalog: Catalog, asked: str, hint: str) -> None:
    for name in ("spike", "aws-spike", "docker"):
        catalog.add_tool(Tool(name, code_repo=URL))
    for call in (catalog.tool, catalog.remove_tool):
        with pytest.raises(NotFound, match=f"No tool named '{asked}'") as caught:
            call(asked)
        assert hint in caught.value.hint
    with pytest.raises(NotFound, match="No dataset named") as caught:
        catalog.dataset(asked)
    assert "dataset get" in caught.value.hint


@pytest.mark.parametrize("name", ["", "a/b", "../x", "x" * 300, "\x1b[31mx", "-x"])
def test_a_name_that_breaks_the_rule_is_bad_input_and_not_a_key(catalog: Catalog, name: str) -> None:
    for call in (catalog.tool, catalog.remove_tool, catalog.dataset, catalog.remove_dataset, catalog.dates):
        with pytest.raises(BadInput):
            call(name)


def test_what_cannot_be_used_is_named_with_its_reason_and_can_be_removed(
    registry: Registry, catalog: Catalog
) -> None:
    write(registry, "tools/a b", {"code_repo": URL})
    write(registry, "tools/bad", [1])
    write(registry, "data/bad", 7)
    good = catalog.add_tool(Tool("good", code_repo=URL))
    found = catalog.tools()
    assert found.good == (good,)
    assert [refusal.key for refusal in found.refused] == ["/mao/tools/a b", "/mao/tools/bad"]
    with pytest.raises(BadInput, match=r"'bad' cannot be used: .* an array") as caught:
        catalog.tool("bad")
    assert "tool remove bad" in caught.value.hint
    assert catalog.remove_tool("a b") == Tool("a b")
    assert catalog.remove_tool("bad") == Tool("bad")
    assert catalog.remove_dataset("bad") == Dataset("bad", "")
    assert catalog.tools().refused == catalog.datasets().refused == ()


def test_a_removed_name_is_free_again(catalog: Catalog) -> None:
    first = catalog.add_tool(Tool("x", code_repo=URL))
    assert catalog.remove_tool("x") == first
    with pytest.raises(NotFound):
        catalog.tool("x")
    assert catalog.add_tool(Tool("x", code_repo=OTHER_URL)).code_repo == OTHER_URL


@pytest.mark.parametrize("namespace", ["/mao/", "/mao", "mao", "/deep/er/", ""])
def test_namespaces_do_not_see_each_other(registry: Registry, namespace: str) -> None:
    here = Catalog(registry, namespace, "me", allow_local=False)
    there = Catalog(registry, "/elsewhere/", "me", allow_local=False)
    here.add_tool(Tool("x", code_repo=URL))
    assert there.tools().good == ()
    assert [tool.name for tool in here.tools().good] == ["x"]


def test_own_entries_may_name_places_on_this_machine_and_those_of_others_not(registry: Registry) -> None:
    mine = Catalog(registry, "/mao/", "me", allow_local=False)
    yours = Catalog(registry, "/mao/", "you", allow_local=False)
    trusting = Catalog(registry, "/mao/", "you", allow_local=True)
    mine.add_tool(Tool("x", code_repo="file:///srv/x", data_repo="/srv/x-data"))
    mine.add_dataset(Dataset("d", "/srv/d"))
    mine.announce(Announcement("hub", "2019-03-25", "me", "/srv/d"))
    for catalog in (mine, trusting):
        assert catalog.tool("x").data_repo == "/srv/x-data"
        assert catalog.dataset("d").url == "/srv/d"
        assert catalog.announcement("hub", "2019-03-25", "me").url == "/srv/d"
    for entries in (yours.tools(), yours.datasets(), yours.announcements("hub")):
        assert entries.good == ()
        assert "a path on this machine" in entries.refused[0].reason


def test_a_registry_that_does_not_answer_is_no_empty_one(registry: Registry, catalog: Catalog) -> None:
    registry.close()
    for call in (catalog.tools, catalog.datasets, catalog.hubs):
        with pytest.raises(Unavailable):
            call()
