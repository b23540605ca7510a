"""Whatever a stranger's mao.yml holds: a definition or BadInput, soon, and never out of bounds."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

from roforlmao.errors import BadInput
from roforlmao.tools.argv import argv
from roforlmao.tools.definition import Definition, from_json, read, to_json

words = st.sampled_from(
    [
        "sar",
        "",
        ".",
        "..",
        "../x",
        "/etc/passwd",
        "run.sh",
        "a b",
        "&a",
        "*a",
        "-",
        "\x1b",
        "\ud83d",
        "{}",
        "~",
    ]
)
texts = words | st.text(max_size=12)
values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | texts,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(texts, inner, max_size=3),
    max_leaves=8,
)
programs = st.fixed_dictionaries({}, optional={"Command": values, "Script": values})
commands = st.fixed_dictionaries(
    {},
    optional={
        "Name": values,
        "Description": values,
        "Command": values,
        "Script": values,
        "Arguments": values,
    },
)
definitions = st.fixed_dictionaries(
    {"Name": st.just("sar")},
    optional={
        "Description": values,
        "Data": values | st.fixed_dictionaries({"Local": texts}, optional={"Repo": values}),
        "Datadir": values,
        "Datarepo": values,
        "Installer": programs | values,
        "Commands": st.lists(commands, max_size=3) | values,
    },
)


@pytest.fixture(scope="module")
def clone() -> Iterator[Path]:
    with tempfile.TemporaryDirectory() as name:
        top = Path(name)
        (top / "run.sh").write_text("true\n")
        (top / "out").symlink_to("/etc")
        yield top


def outcome(clone: Path, content: bytes) -> Definition | None:
    (clone / "mao.yml").write_bytes(content)
    said = ""
    try:
        found: Definition | None = read(clone, "sar")
    except BadInput as error:
        found, said = None, error.message
    if found is None:
        assert said.isprintable()
        return None
    assert from_json(to_json(found)) == found
    return found


@given(definitions)
@settings(deadline=2000, max_examples=300)
def test_any_structure_is_read_or_refused(clone: Path, content: dict[str, Any]) -> None:
    found = outcome(clone, yaml.safe_dump(content, allow_unicode=True).encode("utf-8", "surrogatepass"))
    for command in found.commands if found else ():
        given_words = argv(command, ["x"] * len(command.arguments), clone)
        assert all(word in ("x", command.command) or Path(word).is_relative_to(clone) for word in given_words)


@given(st.text())
@settings(deadline=2000, max_examples=200)
def test_any_text_is_read_or_refused(clone: Path, content: str) -> None:
    assert outcome(clone, content.encode("utf-8", "surrogatepass")) is None


@given(st.binary())
@settings(deadline=2000, max_examples=200)
def test_any_bytes_are_refused(clone: Path, content: bytes) -> None:
    assert outcome(clone, content) is None


@given(texts, st.sampled_from(["Script", "Command", "Local"]))
@settings(deadline=2000, max_examples=200)
def test_no_path_leads_out_of_the_repository(clone: Path, path: str, key: str) -> None:
    entries = {"Script": "run.sh", "Command": "sh", "Local": "data", key: path}
    command = {"Name": "Run", "Command": entries["Command"], "Script": entries["Script"]}
    content = {"Name": "sar", "Data": {"Local": entries["Local"]}, "Commands": [command]}
    found = outcome(clone, yaml.safe_dump(content, allow_unicode=True).encode("utf-8", "surrogatepass"))
    if found:
        assert (clone / found.data_local).resolve().is_relative_to(clone.resolve())
        assert (clone / found.commands[0].script).resolve().is_relative_to(clone.resolve())
