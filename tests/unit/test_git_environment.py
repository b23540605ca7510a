"""What git is told and what is kept from it."""

from __future__ import annotations

from pathlib import Path

import pytest

from roforlmao.git.environment import environment, options, unwanted


@pytest.fixture(autouse=True)
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("HOME", str(tmp_path))
    for name in ("GIT_SSH", "GIT_SSH_COMMAND", "GIT_CONFIG_GLOBAL", "XDG_CONFIG_HOME"):
        monkeypatch.delenv(name, raising=False)
    return tmp_path


def test_every_prompt_is_impossible() -> None:
    added = environment(local=False)
    assert added["GIT_TERMINAL_PROMPT"] == "0"
    assert added["GIT_ASKPASS"] == added["SSH_ASKPASS"] == "true"
    assert "BatchMode=yes" in added["GIT_SSH_COMMAND"]
    assert "ConnectTimeout=" in added["GIT_SSH_COMMAND"]


def test_only_the_allowed_transports_are_open() -> None:
    assert environment(local=False)["GIT_ALLOW_PROTOCOL"] == "https:http:ssh:git"
    assert environment(local=True)["GIT_ALLOW_PROTOCOL"] == "https:http:ssh:git:file"


@pytest.mark.parametrize(
    ("name", "value", "expected"),
    [
        ("GIT_SSH_COMMAND", "ssh -i key", "ssh -i key -o BatchMode=yes"),
        ("GIT_SSH_COMMAND", "/usr/bin/ssh", "/usr/bin/ssh -o BatchMode=yes"),
        ("GIT_SSH_COMMAND", "plink -batch", "plink -batch"),
        ("GIT_SSH", "/opt/my ssh/ssh", "'/opt/my ssh/ssh'"),
    ],
)
def test_the_operators_own_ssh_stays_in_force(
    monkeypatch: pytest.MonkeyPatch, name: str, value: str, expected: str
) -> None:
    monkeypatch.setenv(name, value)
    assert environment(local=False)["GIT_SSH_COMMAND"].startswith(expected)


def test_an_ssh_command_of_the_global_configuration_stays_in_force(home: Path) -> None:
    (home / ".gitconfig").write_text("[core]\n sshCommand = ssh -p 2222\n")
    assert environment(local=False)["GIT_SSH_COMMAND"].startswith("ssh -p 2222 -o BatchMode=yes")


def test_inherited_variables_that_bend_git_are_taken_away(monkeypatch: pytest.MonkeyPatch) -> None:
    bending = (
        "GIT_DIR",
        "GIT_INDEX_FILE",
        "GIT_WORK_TREE",
        "GIT_TRACE",
        "GIT_EXTERNAL_DIFF",
        "GIT_CONFIG_PARAMETERS",
    )
    kept = ("GIT_AUTHOR_NAME", "GIT_CONFIG_GLOBAL", "GIT_SSL_CAINFO", "GIT_SSH_COMMAND", "GIT_ASKPASS")
    for name in bending + kept:
        monkeypatch.setenv(name, "x")
    assert set(bending) <= set(unwanted(environment(local=True)))
    assert not set(kept) & set(unwanted(environment(local=True)))
    assert "GIT_INDEX_FILE" not in unwanted({"GIT_INDEX_FILE": "ours"})


def test_no_program_of_a_clone_is_run_by_the_options() -> None:
    words = options()
    assert words[::2] == ["-c"] * (len(words) // 2)
    assert {"core.hooksPath=/dev/null", "core.fsmonitor=false", "gc.autoDetach=false"} <= set(words)
