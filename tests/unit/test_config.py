"""The configuration: defaults, the operator's own file, the environment; errors with file and line."""

from __future__ import annotations

from pathlib import Path

import pytest
import yaml

from roforlmao.config import DEFAULTS, load, write
from roforlmao.errors import ConfigurationError
from roforlmao.rules import parse_duration
from roforlmao.schema import SCHEMA


def own(tmp_path: Path, text: str) -> Path:
    path = tmp_path / "config.yaml"
    path.write_text(text, encoding="utf-8")
    return path


def test_the_shipped_file_sets_every_key_and_is_valid() -> None:
    config = load(None, {})
    assert set(config.values) == set(SCHEMA)
    assert config.backend == "sqlite"
    assert config.containers.default.timeout_s == 6 * 3600


def test_the_shipped_file_explains_itself() -> None:
    assert DEFAULTS.read_text(encoding="utf-8").count("#") >= 20


def test_the_operators_file_wins_over_the_defaults_and_the_environment_over_both(tmp_path: Path) -> None:
    path = own(tmp_path, "operator: alice\nsync: {manual: auto}\n")
    config = load(path, {"ROFORLMAO_SYNC__MANUAL": "never", "ROFORLMAO_HOME": "/x", "PATH": "/bin"})
    assert (config.operator, config.sync_manual) == ("alice", "never")


@pytest.mark.parametrize(
    ("text", "line", "told"),
    [
        ("operater: x\n", 1, "operator"),
        ("\nsync:\n  manual: sometimes\n", 3, "ask, auto or never"),
        ("sync:\n  manul: ask\n", 2, "sync.manual"),
        ("registry: {backend: mysql}\n", 1, "sqlite or etcd"),
        ("registry:\n  etcd:\n    endpoints: [nonsense]\n", 3, "host:port"),
        ("registry: {etcd: {endpoints: ['h:70000']}}\n", 1, "host:port"),
        ("registry: sqlite\n", 1, ""),
        ("containers:\n  memory: lots\n", 2, "512m"),
        ("containers:\n  cpus: true\n", 2, "number"),
        ("schedule: {workers: 0}\n", 1, "from 1"),
        ("timezone: Mars/Olympus\n", 1, "Europe/Zurich"),
        ("operator: a/b\n", 1, "letters"),
        ("operator: a\noperator: b\n", 2, "line 1"),
        ("allow_local_repositories: 'yes'\n", 1, "true or false"),
        ("- a list\n", 1, ""),
        ("a: [1\n", 2, "shipped"),
        ("operator: !!python/object:os.system x\n", 1, ""),
        ("sync: {datasets: {'a b': auto}}\n", 1, "ask, auto or never"),
    ],
)
def test_an_error_names_file_line_and_what_is_allowed(
    tmp_path: Path, text: str, line: int, told: str
) -> None:
    path = own(tmp_path, text)
    with pytest.raises(ConfigurationError) as caught:
        load(path, {})
    assert f"{path}, line {line}" in caught.value.message
    assert told in caught.value.hint


def test_an_empty_file_means_the_defaults(tmp_path: Path) -> None:
    assert load(own(tmp_path, "# nothing\n"), {}).operator is None


def test_bytes_that_are_no_text_are_an_error_in_words(tmp_path: Path) -> None:
    path = tmp_path / "config.yaml"
    path.write_bytes(b"\xff\xfe\x00")
    with pytest.raises(ConfigurationError, match="Cannot read"):
        load(path, {})


@pytest.mark.parametrize(
    ("name", "value"), [("ROFORLMAO_OPERATER", "x"), ("ROFORLMAO_SYNC__MANUAL", "x"), ("ROFORLMAO_SYNC", "[")]
)
def test_a_wrong_variable_is_named(name: str, value: str) -> None:
    with pytest.raises(ConfigurationError, match=name):
        load(None, {name: value})


def test_writing_keeps_other_keys_and_the_file_before(tmp_path: Path) -> None:
    path = own(tmp_path, "# mine\noperator: alice\ntimezone: Europe/Zurich\n")
    write(path, {"operator": "bob", "registry.etcd.endpoints": ["h:1"]})
    config = load(path, {})
    assert (config.operator, config.timezone, config.etcd.endpoints) == ("bob", "Europe/Zurich", ("h:1",))
    assert "# mine" in path.with_suffix(".yaml.before").read_text(encoding="utf-8")


def test_writing_a_bad_value_changes_nothing(tmp_path: Path) -> None:
    path = own(tmp_path, "operator: alice\n")
    with pytest.raises(ConfigurationError):
        write(path, {"operator": "a/b"})
    assert yaml.safe_load(path.read_text(encoding="utf-8")) == {"operator": "alice"}


@pytest.mark.parametrize(
    ("text", "seconds"), [("90", 90), ("90s", 90), ("1.5m", 90), ("6h", 21600), ("2d", 172800)]
)
def test_durations_are_seconds(text: str, seconds: float) -> None:
    assert parse_duration(text) == seconds


@pytest.mark.parametrize("text", ["", "0", "-1", "1w", "abc", True, None])
def test_other_durations_are_refused(text: object) -> None:
    with pytest.raises(ValueError, match=r".*"):
        parse_duration(text)
