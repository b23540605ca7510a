"""The words that start a tool and the variables it sees."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from roforlmao.errors import BadInput, ToolFailed
from roforlmao.tools.argv import argv, installer_argv
from roforlmao.tools.model import Argument, Command, Program
from roforlmao.tools.variables import base_python, find_program, minimal, parse_pair


@pytest.fixture
def clone(tmp_path: Path) -> Path:
    for name in ("run.py", "install.sh", "requirements.txt", "two words.sh"):
        (tmp_path / name).write_text("true\n")
    return tmp_path


def test_arguments_stay_separate_words_whatever_they_hold(clone: Path) -> None:
    words = ["; rm -rf /", "$(id)", "", "-x", "a\nb", "é"]
    assert argv(Command("Run", "", "python3", "run.py"), words, clone) == [
        "python3",
        str(clone / "run.py"),
        *words,
    ]


def test_a_program_of_the_repository_is_started_by_its_full_path(clone: Path) -> None:
    assert argv(Command("Run", "", "./run.py"), [], clone) == [str(clone / "run.py")]


@pytest.mark.parametrize(("given", "said"), [([], "not 0"), (["a"], "not 1"), (["a", "b", "c"], "not 3")])
def test_a_command_takes_the_arguments_that_it_declares(clone: Path, given: list[str], said: str) -> None:
    command = Command("Run", "", "sh", "run.py", (Argument("Since"), Argument("Until")))
    assert argv(command, ["1", "2"], clone)[2:] == ["1", "2"]
    with pytest.raises(BadInput, match=rf"'Run' takes 2 arguments \(Since, Until\), {said}"):
        argv(command, given, clone)


def test_an_argument_with_a_nul_character_is_refused(clone: Path) -> None:
    with pytest.raises(BadInput, match="NUL"):
        argv(Command("Run", "", "sh", "run.py"), ["a\0b"], clone)


def test_a_script_that_was_replaced_by_a_link_since_is_refused(clone: Path) -> None:
    (clone / "run.py").unlink()
    (clone / "run.py").symlink_to("/bin/sh")
    with pytest.raises(BadInput, match="leads out"):
        argv(Command("Run", "", "sh", "run.py"), [], clone)


@pytest.mark.parametrize(
    ("command", "script", "words"),
    [
        ("sh", "install.sh", ["sh", "<install.sh>"]),
        ("sh", "two words.sh", ["sh", "<two words.sh>"]),
        ("sh", "install.sh --fast 'a b'", ["sh", "<install.sh>", "--fast", "a b"]),
        ("pip3", "install -r requirements.txt", ["pip3", "install", "-r", "<requirements.txt>"]),
        ("make", "", ["make"]),
    ],
)
def test_an_installer_may_be_a_script_or_words(
    clone: Path, command: str, script: str, words: list[str]
) -> None:
    expected = [str(clone / word[1:-1]) if word.startswith("<") else word for word in words]
    assert installer_argv(Program(command, script), clone) == expected


def test_a_tool_sees_no_secrets_of_its_operator() -> None:
    source = {
        "PATH": "/usr/bin",
        "HOME": "/home/me",
        "LC_ALL": "C",
        "TZ": "UTC",
        "https_proxy": "p",
        "NO_PROXY": "n",
        "GITHUB_TOKEN": "secret",
        "SSH_AUTH_SOCK": "/agent",
        "GIT_DIR": "/x",
        "PYTHONPATH": "/y",
        "VIRTUAL_ENV": "/v",
        "LD_PRELOAD": "/z",
        "AWS_SECRET_ACCESS_KEY": "secret",
    }
    assert minimal(source=source) == {
        "PATH": "/usr/bin",
        "HOME": "/home/me",
        "LC_ALL": "C",
        "TZ": "UTC",
        "https_proxy": "p",
        "NO_PROXY": "n",
        "PYTHONUNBUFFERED": "1",
    }


def test_the_tools_own_programs_come_first_and_the_launchers_not_at_all() -> None:
    launcher = f"{sys.prefix}/bin"
    found = minimal({"KEY": "v"}, programs=Path("/env/bin"), source={"PATH": f"{launcher}:/usr/bin::/bin"})
    assert found["PATH"] == "/env/bin:/usr/bin:/bin"
    assert found["KEY"] == "v"


def test_the_operators_own_pairs_win() -> None:
    assert minimal({"PATH": "/mine"}, source={"PATH": "/usr/bin"})["PATH"] == "/mine"


@pytest.mark.parametrize(
    ("text", "pair"), [("A=1", ("A", "1")), ("_b=x=y", ("_b", "x=y")), ("A=", ("A", ""))]
)
def test_pairs_are_read(text: str, pair: tuple[str, str]) -> None:
    assert parse_pair(text) == pair


@pytest.mark.parametrize("text", ["", "A", "=1", "1A=x", "A-B=x", "A B=x", "A=\0"])
def test_what_is_no_pair_is_refused(text: str) -> None:
    with pytest.raises(BadInput, match="is not a variable"):
        parse_pair(text)


def test_python_is_always_found() -> None:
    assert find_program("python", {"PATH": "/nowhere"}) == base_python()
    assert find_program("python3", {"PATH": "/nowhere"}) == base_python()
    assert find_program("sh", {"PATH": "/bin"}) == "/bin/sh"


def test_a_missing_program_and_one_that_may_not_run_have_a_sentence(clone: Path) -> None:
    with pytest.raises(ToolFailed, match="'no-such-program' is not installed here"):
        find_program("no-such-program", {"PATH": "/bin"})
    with pytest.raises(ToolFailed, match="may not be executed"):
        find_program(str(clone / "run.py"), {"PATH": "/bin"})
