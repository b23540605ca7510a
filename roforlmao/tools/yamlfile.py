"""A small YAML file from a stranger: bounded, without aliases, every value with its line.

Values are taken from PyYAML's node graph; nothing is ever constructed from a tag. Aliases are
refused while the events stream by, before anything is composed ("billion laughs"), and so is
nesting deeper than any honest file needs.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from roforlmao.errors import BadInput
from roforlmao.text import clean, one_line

SIZE_LIMIT = 256 * 1024
_DEPTH_LIMIT = 12
_CONTROL = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x84\x86-\x9f]")
_TEXT_TAG = "tag:yaml.org,2002:str"
_NULL_TAG = "tag:yaml.org,2002:null"
_STANDARD = "tag:yaml.org,2002:"


@dataclass(frozen=True)
class Value:
    """A value, the key path that leads to it and its line, for sentences about it."""

    content: str | tuple[Value, ...] | Mapping[str, Value] | None
    file: str
    key: str
    line: int
    is_text: bool = True

    def wrong(self, rule: str, hint: str = "") -> BadInput:
        """An error that names file, line and key."""
        return BadInput(f"{self.file}, line {self.line}: {self.key} {rule}.", hint)

    def has(self, key: str) -> bool:
        """Whether the key is there with a value that is not null."""
        return key in self.mapping() and self.mapping()[key].content is not None

    def get(self, key: str) -> Value:
        """The value of a key that must be there."""
        if not self.has(key):
            where = f"{self.key}.{key}" if self.key != "the file" else key
            raise BadInput(f"{self.file}, line {self.line}: '{where}' is missing.", f"Add '{key}:'.")
        return self.mapping()[key]

    def text(self, key: str, default: str | None = None) -> str:
        """A key's text; without a ``default`` it must be there and not be empty."""
        if default is not None and not self.has(key):
            return default
        value = self.get(key)
        if not isinstance(value.content, str):
            raise value.wrong("must be text", "Write one text.")
        if not value.is_text:
            raise value.wrong("must be text", f'Put it in quotes: "{one_line(value.content, 40)}".')
        if default is None and not value.content.strip():
            raise value.wrong("is empty", "Write one text.")
        return value.content

    def mapping(self) -> Mapping[str, Value]:
        if not isinstance(self.content, Mapping):
            raise self.wrong("must hold keys and values", "Write 'key: value' lines below it.")
        return self.content

    def items(self) -> tuple[Value, ...]:
        if not isinstance(self.content, tuple):
            raise self.wrong("must be a list", "Begin each of its entries with '- '.")
        return self.content


def load(path: Path) -> Value:
    """The file's one document. Errors: BadInput, naming file and line."""
    import yaml

    text = _text(path)
    loader: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
    try:
        _check_events(yaml.parse(text, Loader=loader), path.name)
        node = yaml.compose(text, Loader=loader)
    except yaml.YAMLError as error:
        raise _not_yaml(path.name, error) from error
    if node is None:
        raise BadInput(f"{path.name} is empty.", "The tool's author has to write the definition.")
    return _value(node, path.name, "")


def _text(path: Path) -> str:
    try:
        with path.open("rb") as handle:
            content = handle.read(SIZE_LIMIT + 1)
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = content[: error.start].count(b"\n") + 1
        raise BadInput(f"{path.name}, line {line}: not UTF-8 text.", "Save the file as UTF-8.") from error
    except OSError as error:
        raise BadInput(f"{path.name} cannot be read: {error.strerror}.", "Look at that file.") from error
    if len(content) > SIZE_LIMIT:
        raise BadInput(f"{path.name} is over {SIZE_LIMIT // 1024} KB.", "A definition is a page, not a book.")
    if found := _CONTROL.search(text):
        line = text.count("\n", 0, found.start()) + 1
        raise BadInput(f"{path.name}, line {line}: it holds a control character.", "Remove it.")
    return text


def _check_events(events: Iterator[Any], file: str) -> None:
    import yaml

    depth = documents = 0
    for event in events:
        line = event.start_mark.line + 1
        if isinstance(event, yaml.AliasEvent) or getattr(event, "anchor", None):
            raise BadInput(f"{file}, line {line}: anchors and aliases are not allowed.", "Write it out.")
        documents += isinstance(event, yaml.DocumentStartEvent)
        depth += isinstance(event, yaml.CollectionStartEvent) - isinstance(event, yaml.CollectionEndEvent)
        if depth > _DEPTH_LIMIT:
            raise BadInput(f"{file}, line {line}: nested too deeply.", f"At most {_DEPTH_LIMIT} levels.")
        if documents > 1:
            raise BadInput(f"{file}, line {line}: a second document begins.", "One file, one definition.")


def _not_yaml(file: str, error: Any) -> BadInput:
    mark = getattr(error, "problem_mark", None)
    where = f"{file}, line {mark.line + 1}" if mark else file
    problem = one_line(getattr(error, "problem", None) or "it cannot be read", 100)
    return BadInput(f"{where}: not valid YAML: {problem}.", "Look at indentation, colons and quotes there.")


def _value(node: Any, file: str, key: str) -> Value:
    import yaml

    line, shown = node.start_mark.line + 1, key or "the file"
    if not node.tag.startswith(_STANDARD):
        raise BadInput(f"{file}, line {line}: {shown} has the tag {one_line(node.tag, 40)}.", "Remove it.")
    if isinstance(node, yaml.MappingNode):
        return Value(_entries(node, file, key), file, shown, line)
    if isinstance(node, yaml.SequenceNode):
        items = tuple(_value(item, file, f"{shown}[{i}]") for i, item in enumerate(node.value, 1))
        return Value(items, file, shown, line)
    if node.tag == _NULL_TAG:
        return Value(None, file, shown, line)
    _refuse_harmful(node.value, file, line)
    return Value(node.value, file, shown, line, is_text=node.tag == _TEXT_TAG)


def _refuse_harmful(text: str, file: str, line: int) -> None:
    # YAML's own escapes ("\\e", "\\0") write what the raw file may not hold.
    if clean(text) != text:
        raise BadInput(f"{file}, line {line}: it holds a control character.", "Remove it.")


def _entries(node: Any, file: str, key: str) -> dict[str, Value]:
    import yaml

    entries: dict[str, Value] = {}
    for name, value in node.value:
        line = name.start_mark.line + 1
        if not isinstance(name, yaml.ScalarNode):
            raise BadInput(f"{file}, line {line}: a key must be a word.", "Write 'key: value'.")
        _refuse_harmful(name.value, file, line)
        if name.value in entries:
            raise BadInput(
                f"{file}, line {line}: '{one_line(name.value, 40)}' is there twice.", "Remove one of them."
            )
        shown = one_line(name.value, 40)
        entries[name.value] = _value(value, file, f"{key}.{shown}" if key else shown)
    return entries
