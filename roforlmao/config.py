"""The configuration: the shipped defaults, the operator's own file over them, the environment last.

What is allowed stands in ``schema``; here files are read, with the line of every key, and errors
are told with it.
"""

from __future__ import annotations

import difflib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from roforlmao.errors import ConfigurationError
from roforlmao.limits import EXAMPLES, holds_exceptions
from roforlmao.rules import Rule
from roforlmao.schema import SCHEMA, Config, build, holds_more, rule_of
from roforlmao.text import one_line

DEFAULTS = Path(__file__).resolve().parent.parent / "config.yaml"
_ENVIRONMENT_PREFIX = "ROFORLMAO_"
_NOT_KEYS = ("ROFORLMAO_HOME", "ROFORLMAO_CONFIG")


@dataclass(frozen=True)
class _Value:
    """A value with where it was written, for errors."""

    value: Any
    where: str


def load(own: Path | None, environ: Mapping[str, str]) -> Config:
    """The configuration in force. ``own`` may be missing: then the defaults hold.

    Errors: ConfigurationError, which names file, line and key and says what is allowed.
    """
    values = _read(DEFAULTS)
    if own is not None and own.exists():
        values.update(_read(own))
    values.update(_from_environment(environ))
    return build({key: _checked(key, found) for key, found in values.items()})


def _checked(key: str, found: _Value) -> Any:
    rule = _rule(key, found.where)
    try:
        return rule.check(found.value)
    except ValueError:
        shown = "what stands there" if rule.secret else f"'{one_line(str(found.value), 60)}'"
        raise ConfigurationError(
            f"{found.where}: {key} cannot be {shown}.", f"Allowed: {rule.allowed}."
        ) from None


def _rule(key: str, where: str) -> Rule:
    rule = rule_of(key)
    if rule is not None:
        return rule
    near = difflib.get_close_matches(key, [*SCHEMA, *EXAMPLES], n=1, cutoff=0.5)
    hint = f"Did you mean {near[0]}?" if near else "The shipped config.yaml lists all keys."
    raise ConfigurationError(f"{where}: there is no key '{one_line(key, 60)}'.", hint)


def _read(path: Path) -> dict[str, _Value]:
    values: dict[str, _Value] = {}
    for key, found in _leaves(path):
        if key in values:
            raise ConfigurationError(
                f"{found.where}: {key} stands twice.", f"The other is at {values[key].where}."
            )
        values[key] = found
    return values


def _leaves(path: Path) -> Iterator[tuple[str, _Value]]:
    import yaml

    try:
        text = path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise ConfigurationError(f"Cannot read {path}: {error}.", "Check the file, or --config.") from error
    loader = yaml.SafeLoader(text)
    try:
        root = loader.get_single_node()
        if root is None:
            return
        yield from _walk(loader, root, "", path)
    except yaml.MarkedYAMLError as error:
        line = error.problem_mark.line + 1 if error.problem_mark else 1
        raise ConfigurationError(
            f"{path}, line {line}: not YAML ({error.problem}).", "Compare with the shipped config.yaml."
        ) from error
    except yaml.YAMLError as error:
        raise ConfigurationError(
            f"{path}: not YAML ({one_line(str(error), 80)}).", "Remove the odd characters."
        ) from error
    finally:
        loader.dispose()


def _walk(loader: Any, node: Any, prefix: str, path: Path) -> Iterator[tuple[str, _Value]]:
    """The leaves below a mapping as dotted keys; a mapping that the schema takes whole is a leaf."""
    import yaml

    where = f"{path}, line {node.start_mark.line + 1}"
    if not isinstance(node, yaml.MappingNode):
        raise ConfigurationError(f"{where}: {prefix.rstrip('.') or 'the file'} must hold 'key: value' lines.")
    for key_node, value_node in node.value:
        key = prefix + str(key_node.value)
        where = f"{path}, line {key_node.start_mark.line + 1}"
        if _is_section(key, value_node):
            yield from _walk(loader, value_node, key + ".", path)
        else:
            _rule(key, where)
            yield key, _Value(loader.construct_object(value_node, deep=True), where)


def _is_section(key: str, node: Any) -> bool:
    """Whether what is there has keys below it; an empty mapping of exceptions is a value."""
    if not holds_exceptions(key):
        return holds_more(key)
    return bool(node.value) and isinstance(node.value[0], tuple)


def _from_environment(environ: Mapping[str, str]) -> Iterator[tuple[str, _Value]]:
    for name, text in environ.items():
        if name.startswith(_ENVIRONMENT_PREFIX) and name not in _NOT_KEYS:
            import yaml

            key = name.removeprefix(_ENVIRONMENT_PREFIX).lower().replace("__", ".")
            where = f"The environment, {name}"
            _rule(key, where)
            try:
                yield key, _Value(yaml.safe_load(text), where)
            except yaml.YAMLError as error:
                raise ConfigurationError(
                    f"{where}: not a YAML value.", f"Allowed: {SCHEMA[key].allowed}."
                ) from error


def write(own: Path, changes: Mapping[str, Any]) -> None:
    """Sets keys in the operator's own file, keeping the others; the file before stays beside it.

    Errors: ConfigurationError, StorageFailed.
    """
    import yaml

    from roforlmao.paths import write_atomic

    values: dict[str, Any] = {}
    if own.exists():
        _read(own)
        text = own.read_text(encoding="utf-8")
        write_atomic(own.with_suffix(".yaml.before"), text)
        values = yaml.safe_load(text) or {}
    for key, value in changes.items():
        _checked(key, _Value(value, "Your answer"))
        *parents, last = key.split(".")
        place = values
        for parent in parents:
            place = place.setdefault(parent, {})
        place[last] = value
    head = "# Your configuration. The shipped config.yaml lists and explains all keys.\n"
    write_atomic(own, head + yaml.safe_dump(values, sort_keys=False, allow_unicode=True))
