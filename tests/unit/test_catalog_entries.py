"""Registry values: what is read, what is refused and with which sentence, what survives a rewrite."""

from __future__ import annotations

import json
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from roforlmao.errors import BadInput
from roforlmao.models import Announcement, Dataset, Tool, as_json
from roforlmao.names import check_name, check_url
from roforlmao.registry.catalog import Catalog
from roforlmao.registry.entries import (
    Rules,
    decode_announcement,
    decode_dataset,
    decode_tool,
    encode,
)
from roforlmao.registry.sqlite import SqliteRegistry
from roforlmao.text import one_line

URL = "https://example.org/them/tool.git"
RULES = Rules("me", allow_local=False)
PLACE = ("helm", "2019-03-25", "you")


def raw(value: Any) -> bytes:
    return value if isinstance(value, bytes) else json.dumps(value).encode()


@pytest.mark.parametrize(
    "value",
    [
        URL.encode(),
        f"  {URL}\n".encode(),
        f"\ufeff{URL}\r\n".encode(),
        json.dumps(URL).encode(),
        raw({"code_repo": URL, "url": URL}),
        raw({"code_repo": URL, "url": URL, "image": None, "rows": None}),
    ],
)
def test_a_url_alone_stands_for_the_repository(value: bytes) -> None:
    assert decode_tool("x", value, RULES).code_repo == URL
    assert decode_tool("x", value, RULES).kind == "script"
    assert decode_dataset("x", value, RULES).url == URL
    assert decode_announcement(PLACE, value, RULES).url == URL


@pytest.mark.parametrize(
    ("fields", "kind"),
    [
        ({"image": "a/b:1"}, "container"),
        ({"image": "a/b@sha256:" + "0" * 64, "code_repo": URL}, "container"),
        ({"image": "a/b", "code_repo": URL, "kind": "script"}, "script"),
        ({"code_repo": URL}, "script"),
        ({"code_repo": URL, "image": "", "kind": ""}, "script"),
    ],
)
def test_the_kind_of_a_tool_follows_from_what_it_has(fields: dict[str, str], kind: str) -> None:
    assert decode_tool("x", raw(fields), RULES).kind == kind


BAD_VALUES = [
    (b"", "is empty"),
    (b" \n", "is empty"),
    (b"\xff\xfe", "not UTF-8"),
    (b"null", "is null"),
    (b"[]", "an array"),
    (b"[" * 100_000, "neither JSON nor a URL"),
    (b"7", "a number"),
    (b"true", "true or false"),
    (b'{"url": NaN}', "neither JSON nor a URL"),
    (b'{"url": 1e999}', "neither JSON nor a URL"),
    (b'{"n": ' + b"9" * 5000 + b"}", "neither JSON nor a URL"),
    (b'{"a":' * 40 + b"1" + b"}" * 40, "nested"),
    (b"{'url': 'https://a/b'}", "Python dictionary"),
    (b"{u'url': u'https://a/b'}", "Python dictionary"),
    (b"{ 'url': __import__('os')}", "Python dictionary"),
    (b"ext::sh -c evil", "neither JSON nor a URL"),
    (b"-oProxyCommand=evil", "neither JSON nor a URL"),
    (b"https://a/b\nhttps://c/d", "neither JSON nor a URL"),
    (b"hello [bold]world[/bold]", "neither JSON nor a URL"),
    (b"\x1b]0;owned\x07", "neither JSON nor a URL"),
    (b"x" * 2_000_000, "2,000,000 bytes"),
    (b"{}", "needs|has no 'url'"),
    (b"/etc/passwd", "a path on this machine"),
    (b'"ext::sh"', "ext::sh"),
]


@pytest.mark.parametrize(("value", "reason"), BAD_VALUES, ids=[repr(value[:24]) for value, _ in BAD_VALUES])
def test_a_value_that_cannot_be_used_is_refused_in_one_clean_sentence(value: bytes, reason: str) -> None:
    for decode in (
        lambda: decode_tool("x", value, RULES),
        lambda: decode_dataset("x", value, RULES),
        lambda: decode_announcement(PLACE, value, RULES),
    ):
        with pytest.raises(BadInput) as caught:
            decode()
        message = caught.value.message
        assert any(part in message for part in reason.split("|"))
        assert message.isprintable()
        assert len(message) < 250


def test_python_quotes_are_led_to_the_import_and_never_run() -> None:
    with pytest.raises(BadInput, match="federation import-legacy"):
        decode_tool("x", b"{'url': __import__('os').system('touch /tmp/owned')}", RULES)


@pytest.mark.parametrize(
    "fields",
    [
        {"author": 5},
        {"author": ["a"]},
        {"description": {"a": 1}},
        {"artefact": True},
        {"image": 5},
        {"image": "--privileged"},
        {"image": "a b"},
        {"image": "a\nb"},
        {"image": "\x1b[31mred"},
        {"code_repo": 5},
        {"code_repo": "file:///etc"},
        {"code_repo": "../x"},
        {"data_repo": "ext::sh"},
        {"data_repo": "https://a/\x1b[31m"},
        {"data_repo": "https://user:secret@a/b"},
        {"kind": "wasm"},
        {"kind": 1},
        {"kind": "container"},
        {"registered_by": "[red]me"},
        {"registered_by": "a/b"},
        {"registered_by": 5},
        {"registered_at": 5},
        {"registered_by": "you", "code_repo": "/srv/x"},
    ],
    ids=str,
)
def test_a_tool_with_one_bad_field_is_refused_as_a_whole(fields: dict[str, Any]) -> None:
    with pytest.raises(BadInput) as caught:
        decode_tool("x", raw({"code_repo": URL, **fields}), RULES)
    assert caught.value.message.isprintable()
    assert "secret" not in caught.value.message


@pytest.mark.parametrize(
    "fields",
    [{"url": 5}, {"url": None}, {"url": "ext::x"}, {"commit": "x y"}, {"commit": "-x"}, {"commit": 5},
     {"rows": "5"}, {"rows": 1.5}, {"rows": True}, {"rows": -1}, {"verdict": 5}],
    ids=str,
)  # fmt: skip
def test_an_announcement_with_one_bad_field_is_refused_as_a_whole(fields: dict[str, Any]) -> None:
    with pytest.raises(BadInput):
        decode_announcement(PLACE, raw({"url": URL, **fields}), RULES)


@pytest.mark.parametrize(
    "text", ["[bold]x[/bold]", "\x1b[31mred\x1b[0m", "a\nb", "\u202egnp", "\ud800", "ü€😀", "x" * 5000]
)
def test_free_text_is_kept_verbatim(text: str) -> None:
    tool = decode_tool(
        "x", raw({"code_repo": URL, "description": text, "author": text, "theirs": text}), RULES
    )
    assert (tool.description, tool.author, tool.extra["theirs"]) == (text, text, text)
    assert decode_tool("x", encode(tool), RULES) == tool


def test_fields_with_the_names_of_the_key_s_parts_do_not_change_them() -> None:
    tool = decode_tool("x", raw({"name": "evil", "code_repo": URL, "extra": {"name": "worse"}}), RULES)
    assert tool.name == as_json(tool)["name"] == "x"
    assert json.loads(encode(tool))["name"] == "evil"
    said = decode_announcement(PLACE, raw({"url": URL, "operator": "evil", "hub": "evil"}), RULES)
    assert (said.hub, as_json(said)["operator"]) == ("helm", "you")


JSON = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(2**60), 2**60)
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=8,
)
NAMES = st.from_regex(r"[A-Za-z0-9][A-Za-z0-9_-]{0,20}", fullmatch=True)
TEXT = st.text(max_size=30)
FOREIGN = st.dictionaries(st.text(max_size=8).map(lambda text: f"x-{text}"), JSON, max_size=4)
URLS = NAMES.map(lambda name: f"https://example.org/{name}.git")


@settings(deadline=None)
@given(
    st.builds(
        Tool, name=st.just("x"), author=TEXT, code_repo=URLS, data_repo=URLS | st.just(""), artefact=TEXT,
        description=TEXT, registered_by=NAMES | st.just(""), registered_at=TEXT, extra=FOREIGN,
    ),
)  # fmt: skip
def test_a_tool_survives_writing_and_reading_with_its_unknown_fields(tool: Tool) -> None:
    assert decode_tool("x", encode(tool), RULES) == tool
    assert json.loads(encode(tool)).items() >= tool.extra.items()


@settings(deadline=None)
@given(
    st.builds(Dataset, name=st.just("x"), url=URLS, description=TEXT, extra=FOREIGN),
    st.builds(
        Announcement, hub=st.just("helm"), date=st.dates().map(str), operator=NAMES, url=URLS,
        commit=st.text("0123456789abcdef", min_size=7, max_size=40), rows=st.none() | st.integers(0, 2**60),
        verdict=TEXT, extra=FOREIGN,
    ),
)  # fmt: skip
def test_datasets_and_announcements_survive_writing_and_reading(dataset: Dataset, said: Announcement) -> None:
    assert decode_dataset("x", encode(dataset), RULES) == dataset
    assert decode_announcement((said.hub, said.date, said.operator), encode(said), RULES) == said


@contextmanager
def a_catalog() -> Iterator[tuple[SqliteRegistry, Catalog]]:
    with tempfile.TemporaryDirectory() as directory:
        registry = SqliteRegistry(Path(directory) / "registry.sqlite")
        try:
            yield registry, Catalog(registry, "/", "me", allow_local=False)
        finally:
            registry.close()


# Shapes that come close to what is asked for reach further than bytes alone.
FIELD_NAMES = st.sampled_from(
    ["url", "code_repo", "data_repo", "image", "kind", "registered_by", "commit", "rows", "author", "x"]
)
LIKELY = st.sampled_from(
    [
        URL,
        "/srv/x",
        "file:///x",
        "ext::x",
        "-x",
        "me",
        "you",
        "script",
        "container",
        "a/b:1",
        "git@h:p",
        "https://\u202e/x",
    ]
)
VALUES = (
    st.binary(max_size=60)
    | JSON.map(raw)
    | st.dictionaries(FIELD_NAMES, LIKELY | JSON, max_size=5).map(raw)
    | LIKELY.map(str.encode)
)
KEYS = st.text(max_size=30).filter(str.isprintable) | st.sampled_from(
    ["x", "../x", "a.git", "helm/2019-3-5/me"]
)


def check_tool(tool: Tool) -> None:
    check_name(tool.name)
    for url in (tool.code_repo, tool.data_repo):
        if url:
            check_url(url, local=tool.registered_by == "me")
    assert tool.image or tool.code_repo
    encode(tool)


@settings(deadline=None, max_examples=150)
@given(st.dictionaries(KEYS, VALUES, max_size=12))
def test_whatever_is_written_no_listing_breaks_or_shows_what_is_unsafe(written: dict[str, bytes]) -> None:
    with a_catalog() as (registry, catalog):
        for key, value in written.items():
            for folder in ("tools/", "data/", "hubs/helm/"):
                registry.put(f"/{folder}{key}", value)
        tools, datasets, said = catalog.tools(), catalog.datasets(), catalog.announcements("helm")
        for entries in (tools, datasets):
            assert len(entries.good) + len(entries.refused) == len(written)
        for tool in tools.good:
            check_tool(tool)
            assert catalog.tool(tool.name) == tool
        for dataset in datasets.good:
            check_name(dataset.name)
            check_url(dataset.url, local=dataset.registered_by == "me")
        for announcement in said.good:
            check_name(announcement.operator)
            check_url(announcement.url, local=announcement.operator == "me")
        for refusal in (*tools.refused, *datasets.refused, *said.refused):
            assert one_line(refusal.reason) == refusal.reason, "nothing in it reaches a terminal as a command"
            assert len(refusal.reason) < 300
        assert set(catalog.hubs()) <= {"helm"}
        assert all(date in catalog.dates("helm") for date in {each.date for each in said.good})
