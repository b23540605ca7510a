"""Limits of containers in the configuration: defaults, exceptions by tool, secrets; checked to the leaf."""

from __future__ import annotations

from pathlib import Path

import pytest

from roforlmao.config import load, write
from roforlmao.errors import ConfigurationError
from roforlmao.limits import Limits, Secret
from roforlmao.rules import parse_size


def own(tmp_path: Path, text: str) -> Path:
    path = tmp_path / "config.yaml"
    path.write_text(text, encoding="utf-8")
    return path


EXCEPTIONS = """
containers:
  memory: 1g
  tools:
    big.tool:
      memory: 8g
      timeout: 2d
      network: host
      user: root
      secrets:
        TOKEN: {env: MY_TOKEN}
        KEY: {file: /keys/k, as: file}
    small:
      cpus: 0.5
      pids: 10
"""


def test_a_tool_has_the_defaults_but_for_its_exceptions(tmp_path: Path) -> None:
    found = load(own(tmp_path, EXCEPTIONS), {}).containers
    assert found.default == Limits(1 << 30, 1.0, 256, "bridge", 6 * 3600)
    assert found.of("another") == found.default
    assert found.of("small") == Limits(1 << 30, 0.5, 10, "bridge", 6 * 3600)
    secrets = {"TOKEN": Secret(env="MY_TOKEN"), "KEY": Secret(file=Path("/keys/k"), as_file=True)}
    assert found.of("big.tool") == Limits(8 << 30, 1.0, 256, "host", 2 * 86400, True, secrets)
    assert found.longest_s == 2 * 86400


def test_the_environment_sets_an_exception_too(tmp_path: Path) -> None:
    config = load(own(tmp_path, EXCEPTIONS), {"ROFORLMAO_CONTAINERS__TOOLS__SMALL__MEMORY": "64m"})
    assert config.containers.of("small").memory == 64 << 20


def test_a_wizard_that_writes_another_key_keeps_the_exceptions(tmp_path: Path) -> None:
    path = own(tmp_path, EXCEPTIONS)
    write(path, {"operator": "alice"})
    assert load(path, {}).containers.of("small").pids == 10


@pytest.mark.parametrize(
    ("text", "line", "key", "told"),
    [
        ("containers:\n  tools:\n    spike:\n      memory: lots\n", 4, "spike.memory", "512m"),
        ("containers:\n  tools:\n    spike:\n      memry: 1g\n", 4, "spike.memry", "NAME.memory"),
        ("containers:\n  tools:\n    spike: {cpus: -1}\n", 3, "spike.cpus", "processors"),
        ("containers:\n  tools:\n    spike: 5\n", 3, "spike", "containers.tools"),
        ("containers:\n  tools: [a]\n", 2, "containers.tools", "tool names"),
        ("containers:\n  tools:\n    'a b': {cpus: 1}\n", 3, "a b", ""),
        ("containers:\n  network: host\n", 2, "containers.network", "only for single tools"),
        ("containers:\n  memory: 1k\n", 2, "containers.memory", "at least 6m"),
        ("containers:\n  tools:\n    s:\n      user: 0\n", 4, "s.user", "operator or root"),
        ("containers:\n  tools:\n    s:\n      secrets:\n        T: {env: A B}\n", 5, "T.env", "variable"),
        ("containers:\n  tools:\n    s:\n      secrets:\n        T: {value: x}\n", 5, "T.value", ""),
        ("containers:\n  tools:\n    s:\n      secrets:\n        T: secret\n", 5, "secrets.T", ""),
    ],
)
def test_an_error_names_line_key_and_what_is_allowed(
    tmp_path: Path, text: str, line: int, key: str, told: str
) -> None:
    with pytest.raises(ConfigurationError) as caught:
        load(own(tmp_path, text), {})
    assert f"line {line}" in caught.value.message
    assert key in caught.value.message
    assert told in caught.value.message + caught.value.hint


@pytest.mark.parametrize("source", ["{}", "{as: file}", "{env: A, file: /b}"])
def test_a_secret_has_one_source(tmp_path: Path, source: str) -> None:
    text = f"containers:\n  tools:\n    s:\n      secrets:\n        T: {source}\n"
    with pytest.raises(ConfigurationError, match=r"secrets\.T"):
        load(own(tmp_path, text), {})


def test_sizes_count_as_docker_does() -> None:
    assert [parse_size(text) for text in ("10b", "2k", "512m", "2g")] == [10, 2048, 512 << 20, 2 << 30]


@pytest.mark.parametrize("wrong", ["lots", "2 g", "2G", "-1g", "0g", "1.5g", "", "2t"])
def test_what_is_no_size_is_refused(wrong: str) -> None:
    with pytest.raises(ValueError, match=f"^{wrong}$"):
        parse_size(wrong)
