"""Foreign text in a terminal."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from roforlmao.text import clean, counted, one_line


@pytest.mark.parametrize(
    ("dirty", "harmless"),
    [
        ("\x1b[31mred\x1b[0m", "red"),
        ("\x1b]0;title\x07name", "name"),
        ("\x1b]8;;http://x\x1b\\link\x1b]8;;\x1b\\", "link"),
        ("\x1b]52;c;ZXZpbA==\x07x", "x"),
        ("\x9b2Jx", "x"),
        ("a\rb", "ab"),
        ("a\x08b", "ab"),
        ("tab\tand\nline", "tab\tand\nline"),
        ("\u202egpj.exe", "gpj.exe"),
        ("\x1bP$q\x1b\\x", "x"),
        ("plain [bold] :smile:", "plain [bold] :smile:"),
        ("grüße 数据", "grüße 数据"),
    ],
)
def test_escape_sequences_and_controls_go_and_the_rest_stays(dirty: str, harmless: str) -> None:
    assert clean(dirty) == harmless


@given(st.text(alphabet=st.characters(), max_size=200))
def test_nothing_that_a_terminal_obeys_is_left(text: str) -> None:
    left = clean(text)
    assert not any((ord(c) < 32 and c not in "\t\n") or 0x7F <= ord(c) <= 0x9F for c in left)
    assert clean(left) == left


def test_one_line_is_one_line_and_cut_with_a_mark() -> None:
    assert one_line("a\n b\t c ") == "a b c"
    assert one_line("abcdef", 4) == "abc…"


def test_a_count_agrees_with_its_noun() -> None:
    assert (counted(1, "file"), counted(2, "file")) == ("1 file", "2 files")
    assert counted(1200, "loss", "losses") == "1,200 losses"
