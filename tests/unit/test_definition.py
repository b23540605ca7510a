"""A tool's mao.yml: what is read, and the sentence for each way to get it wrong."""

from __future__ import annotations

import os
import time
from pathlib import Path

import pytest

from roforlmao.errors import BadInput, NotFound
from roforlmao.tools.definition import Argument, Command, Definition, Program, from_json, read, to_json

GOOD = """\
Name: 'sar'
Description: 'SAR metadata collector'
Data:
  Local: 'sar_data'
  Repo:
    Name: 'sar-static-data'
    Remote: 'https://example.org/sar-static-data'
Installer:
  Command: 'bash'
  Script: 'install.sh'
Commands:
  - Name: 'Run'
    Description: 'Generate metadata csv'
    Command: 'python3'
    Script: 'collect.py'
    Arguments:
      - Name: 'Message'
        Description: 'Message to be printed'
"""
OLD = """\
Name: 'sar'
Description: 'SAR metadata collector'
Datadir: 'sar_data'
Datarepo: 'https://example.org/sar-static-data'
Commands:
  - Name: 'Run'
    Command: 'python3'
    Script: 'collect.py'
"""


@pytest.fixture
def clone(tmp_path: Path) -> Path:
    top = tmp_path / "clone"
    (top / ".git" / "hooks").mkdir(parents=True)
    (top / ".git" / "hooks" / "post-commit").write_text("#!/bin/sh\n")
    for name in ("install.sh", "collect.py", "requirements.txt"):
        (top / name).write_text("true\n")
    (tmp_path / "outside.sh").write_text("true\n")
    (top / "link.sh").symlink_to(tmp_path / "outside.sh")
    (top / "inner.sh").symlink_to("install.sh")
    (top / "folder").symlink_to(tmp_path)
    (top / "loop").symlink_to("loop")
    (top / "hook").symlink_to(".git/hooks/post-commit")
    return top


def reading(clone: Path, text: str | bytes, file: str = "mao.yml") -> Definition:
    (clone / file).write_bytes(text.encode() if isinstance(text, str) else text)
    return read(clone, "sar")


@pytest.mark.parametrize("file", ["mao.yml", "mao.yaml"])
def test_version_0_2_is_read_under_both_file_names(clone: Path, file: str) -> None:
    assert reading(clone, GOOD, file) == Definition(
        name="sar",
        description="SAR metadata collector",
        data_local="sar_data",
        data_repo_name="sar-static-data",
        data_remote="https://example.org/sar-static-data",
        installer=Program("bash", "install.sh"),
        commands=(
            Command(
                "Run",
                "Generate metadata csv",
                "python3",
                "collect.py",
                (Argument("Message", "Message to be printed"),),
            ),
        ),
    )


def test_version_0_1_is_read(clone: Path) -> None:
    found = reading(clone, OLD)
    assert (found.data_local, found.data_remote) == ("sar_data", "https://example.org/sar-static-data")
    assert found.installer is None
    assert found.commands == (Command("Run", "", "python3", "collect.py"),)


def test_a_byte_order_mark_and_windows_line_ends_do_no_harm(clone: Path) -> None:
    assert reading(clone, b"\xef\xbb\xbf" + GOOD.replace("\n", "\r\n").encode()) == reading(clone, GOOD)


def test_the_cache_gives_back_what_it_was_given(clone: Path) -> None:
    found = reading(clone, GOOD)
    assert from_json(to_json(found)) == found
    assert from_json(to_json(reading(clone, OLD))) == reading(clone, OLD)


@pytest.mark.parametrize(
    ("old", "new", "field"),
    [
        ("'install.sh'", "'install -r requirements.txt'", "installer.script"),
        ("'install.sh'", "'install.sh --fast'", "installer.script"),
        ("'python3'", "'./collect.py'", "commands.0.command"),
        ("'python3'", "'collect.py'", "commands.0.command"),
        ("'collect.py'", "'inner.sh'", "commands.0.script"),
        ("'sar_data'", "'.'", "data_local"),
        ("'sar_data'", "'results/csv'", "data_local"),
        ("  Repo:\n", "  Future: {a: [1, 2]}\n  Repo:\n", "data_repo_name"),
    ],
)
def test_other_spellings_found_in_the_field_are_read(clone: Path, old: str, new: str, field: str) -> None:
    value: object = to_json(reading(clone, GOOD.replace(old, new)))
    for step in field.split("."):
        value = value[int(step)] if isinstance(value, list | tuple) else value[step]  # type: ignore[index]
    assert value in (new.strip("'"), "./collect.py", "sar-static-data")


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "mao.yml is empty"),
        ("# nothing\n", "mao.yml is empty"),
        ("- a\n- b\n", "mao.yml, line 1: the file must hold keys and values"),
        ("just words\n", "mao.yml, line 1: the file must hold keys and values"),
        ("Name: sar\nCommands: [\n", "mao.yml, line 3: not valid YAML"),
        ("Name: sar\n\tx: 1\n", "mao.yml, line 2: not valid YAML"),
        ("Name: sar\nData: {Local: x}\n", "'Commands' is missing"),
        (GOOD.replace("Name: 'sar'", "Title: 'sar'", 1), "'Name' is missing"),
        (GOOD.replace("Name: 'sar'", "Name: ''", 1), "mao.yml, line 1: Name is empty"),
        (GOOD.replace("'sar'", "'other'", 1), "line 1: Name is 'other', but the tool is registered as 'sar'"),
        (GOOD.replace("'sar'", "5", 1), "mao.yml, line 1: Name must be text"),
        (GOOD.replace("'sar'", "[sar]", 1), "mao.yml, line 1: Name must be text"),
        (GOOD.replace("'sar'", "!!python/name:os.system ''", 1), "line 1: Name must be text"),
        (GOOD + "Name: 'sar'\n", "mao.yml, line 19: 'Name' is there twice"),
        (GOOD + "---\na: 1\n", "mao.yml, line 19: a second document begins"),
        (GOOD.replace("Commands:", "Commands: {a: b}\nOthers:"), "line 11: Commands must be a list"),
        (OLD.split("Commands")[0] + "Commands: []\n", "line 5: Commands is empty"),
        (GOOD.replace("'collect.py'", "'../outside.sh'"), "line 15: Commands[1].Script: the script '../out"),
        (GOOD.replace("'collect.py'", "'/bin/sh'"), "'/bin/sh' leads out of the repository"),
        (GOOD.replace("'collect.py'", "'~/x'"), "'~/x' leads out of the repository"),
        (GOOD.replace("'collect.py'", "'link.sh'"), "is a symbolic link that leads out"),
        (GOOD.replace("'collect.py'", "'folder/outside.sh'"), "is a symbolic link that leads out"),
        (GOOD.replace("'collect.py'", "'loop'"), "'loop' cannot be followed"),
        (GOOD.replace("'collect.py'", "'hook'"), "is a symbolic link that leads out"),
        (GOOD.replace("'collect.py'", "'.git/hooks/post-commit'"), "is in git's own directory"),
        (GOOD.replace("'collect.py'", "'.GIT/hooks/post-commit'"), "is in git's own directory"),
        (GOOD.replace("'collect.py'", "'gone.py'"), "'gone.py' is not a file in the repository"),
        (GOOD.replace("'collect.py'", "'" + "x" * 300 + "'"), "is too long for a path"),
        (GOOD.replace("'collect.py'", "'collect.py --now'"), "is not a file in the repository"),
        (GOOD.replace("'install.sh'", "'gone.sh'"), "line 10: Installer.Script: the script 'gone.sh' is not"),
        (GOOD.replace("'install.sh'", "'install -r ../x'"), "'../x' leads out of the repository"),
        (GOOD.replace("'install.sh'", '"install \'x"'), "has an open quote"),
        (GOOD.replace("'sar_data'", "'../x'"), "line 4: Data.Local: the path '../x' leads out"),
        (GOOD.replace("'sar_data'", "'/tmp'"), "line 4: Data.Local: the path '/tmp' leads out"),
        (GOOD.replace("'sar_data'", "'folder'"), "is, or lies behind, a symbolic link"),
        (GOOD.replace("'sar_data'", "'folder/deep'"), "is, or lies behind, a symbolic link"),
        (GOOD.replace("'sar_data'", "'.git'"), "is in git's own directory"),
        (GOOD.replace("'sar_data'", "'install.sh'"), "is not a directory"),
        (GOOD.replace("'sar_data'", "''"), "line 4: Data.Local is empty"),
        (GOOD.replace("  Local: 'sar_data'\n", ""), "'Data.Local' is missing"),
        (OLD.replace("Datadir: 'sar_data'\n", ""), "'Data' is missing"),
        (GOOD.replace("'python3'", "'python3 -u'"), "is neither a program's name nor a file"),
        (GOOD.replace("'python3'", "'../x'"), "leads out of the repository"),
        (GOOD.replace("'python3'", "'-c'"), "is neither a program's name nor a file"),
        (GOOD.replace("'python3'", "'link.sh'"), "is a symbolic link that leads out"),
        (GOOD.replace("'Run'", '"Ru\\e[31mn"'), "line 12: it holds a control character"),
        (GOOD.replace("'Run'", '"Ru\\0n"'), "line 12: it holds a control character"),
        (GOOD.replace("'Run'", '"a\\nb"'), "must be one line"),
        (GOOD.replace("collector'", "coll\x1bector'"), "line 2: it holds a control character"),
        (GOOD.replace("collector'", "coll\u202eector'"), "line 2: it holds a control character"),
        ("a: &a [x]\nb: *a\n", "line 1: anchors and aliases are not allowed"),
        ("[" * 100_000, "line 1: nested too deeply"),
        (b"Name: sar\nDescription: \xff\n", "line 2: not UTF-8 text"),
        (b"#" * 300_000, "mao.yml is over 256 KB"),
    ],
)
def test_each_fault_has_its_sentence(clone: Path, text: str | bytes, said: str) -> None:
    with pytest.raises(BadInput) as caught:
        reading(clone, text)
    assert said in caught.value.message
    assert caught.value.message.endswith(".")
    assert caught.value.message.isprintable()
    assert caught.value.hint


def test_two_commands_of_one_name_are_refused(clone: Path) -> None:
    text = GOOD + "  - {Name: Run, Command: sh, Script: install.sh}\n"
    with pytest.raises(BadInput, match=r"line 19: Commands\[2\]\.Name 'Run' is there twice"):
        reading(clone, text)


def test_aliases_that_would_explode_cost_neither_time_nor_memory(clone: Path) -> None:
    levels = "\n".join(f"a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 9)}]" for n in range(1, 30))
    began = time.perf_counter()
    with pytest.raises(BadInput, match="anchors and aliases"):
        reading(clone, f"a0: &a0 [lol]\n{levels}\n")
    assert time.perf_counter() - began < 1


def test_a_definition_that_is_a_link_or_a_pipe_is_not_opened(clone: Path, tmp_path: Path) -> None:
    (tmp_path / "secret").write_text(GOOD)
    (clone / "mao.yml").symlink_to(tmp_path / "secret")
    with pytest.raises(BadInput, match="symbolic link that leads out"):
        read(clone, "sar")
    (clone / "mao.yml").unlink()
    os.mkfifo(clone / "mao.yml")
    with pytest.raises(BadInput, match="is not a file"):
        read(clone, "sar")


def test_a_repository_without_a_definition_says_what_is_missing(clone: Path) -> None:
    with pytest.raises(BadInput, match=r"holds no mao\.yml"):
        read(clone, "sar")


def test_a_command_is_found_by_name_or_refused_with_the_names_there_are(clone: Path) -> None:
    found = reading(clone, GOOD)
    assert found.command("Run") == found.command() == found.commands[0]
    with pytest.raises(NotFound, match="no command 'run'") as caught:
        found.command("run")
    assert caught.value.hint == "It has: Run."
