"""Output cut into lines that a screen can show."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from roforlmao.transcript.lines import LINE_BYTES, SKIPPED, Lines


def shown(*chunks: bytes) -> list[str]:
    lines = Lines()
    return [line for chunk in chunks for line in lines.feed(chunk)] + lines.rest()


@pytest.mark.parametrize(
    ("chunks", "lines"),
    [
        ([b"a\nb\n"], ["a", "b"]),
        ([b"a", b"b\nc"], ["ab", "c"]),
        ([b"a\r\nb\r", b"\nc\r\n"], ["a", "b", "c"]),
        ([b"10%\r20%\rdone\n"], ["10%", "20%", "done"]),
        ([b"a\n\nb\n"], ["a", "", "b"]),
        (["é".encode()[:1], "é\n".encode()[1:]], ["é"]),
        ([b"\xff\xfe\n"], ["��"]),
        ([b""], []),
    ],
)
def test_lines_are_the_same_wherever_the_pipe_cuts(chunks: list[bytes], lines: list[str]) -> None:
    assert shown(*chunks) == lines


def test_an_endless_line_is_cut_and_no_character_is_split() -> None:
    text = "é" * 20_000
    pieces = shown(text.encode())
    assert "".join(pieces) == text
    assert max(len(piece.encode()) for piece in pieces) <= LINE_BYTES


def test_a_flood_shows_its_end_and_says_so() -> None:
    lines = Lines().feed(b"".join(b"%d\n" % number for number in range(10_000)))
    assert lines[0] == SKIPPED
    assert lines[-1] == "9999"
    assert len(lines) <= 501


def test_after_a_gap_the_torn_line_is_not_joined_to_a_stranger() -> None:
    lines = Lines()
    lines.feed(b"half of")
    assert lines.feed(b"another\n", after_gap=True) == [SKIPPED, "another"]


@given(st.lists(st.text(alphabet="aé€😀 ", max_size=5), max_size=20), st.integers(1, 7))
def test_any_cutting_gives_the_same_lines(lines: list[str], step: int) -> None:
    content = "".join(line + "\n" for line in lines).encode()
    chunks = [content[i : i + step] for i in range(0, len(content), step)]
    assert shown(*chunks) == lines
