"""The numbered questions: whole lines in, whole lines out, never an escape sequence."""

from __future__ import annotations

import io
from collections.abc import Iterator
from typing import Any

import pytest

from roforlmao.actions.base import Choice
from roforlmao.names import check_name
from roforlmao.ui.plain import Plain
from roforlmao.ui.prompter import Back, Closed, Interrupt, Prompter

FEW = [
    Choice("a", "Apple", "red"),
    Choice(None, "Banana"),
    Choice("p", "Pineapple"),
    Choice("x", "Off", disabled="not yet"),
]
MANY = [Choice(number, f"row {number:02}") for number in range(1, 41)]


class Talk:
    """Plain questions over two strings."""

    def __init__(self, *lines: str, **settings: Any) -> None:
        self.output = io.StringIO()
        typed = "".join(f"{line}\n" for line in lines)
        self.ask: Prompter = Plain(io.StringIO(typed), self.output, **settings)

    @property
    def said(self) -> str:
        return self.output.getvalue()


@pytest.mark.parametrize(
    ("lines", "value"),
    [
        (["1"], "a"),
        (["2"], None),
        (["banana"], None),
        (["BAN"], None),
        (["apple"], "a"),
        (["red"], "a"),
        (["pine"], "p"),
        (["app", "3"], "p"),
        (["app", "", "2"], None),
        (["99", "0", "1"], "a"),
        (["4", "1"], "a"),
        (["off", "1"], "a"),
        (["zzz", "2"], None),
        (["", "1"], "a"),
        (["  1  "], "a"),
        (["\x1b[A1"], "a"),
    ],
)
def test_a_number_or_a_part_of_a_name_chooses(lines: list[str], value: object) -> None:
    talk = Talk(*lines)
    assert talk.ask.select("Menu", FEW) == value
    assert "\x1b" not in talk.said


@pytest.mark.parametrize(
    ("lines", "sentence"),
    [
        (["99", "1"], "There is no number 99."),
        (["4", "1"], "Off cannot be chosen: not yet"),
        (["zzz", "1"], "Nothing matches 'zzz'."),
        (["app", "1"], "3. Pineapple"),
        (["1"], "1. Apple - red"),
        (["1"], "4. Off (not available) - not yet"),
    ],
)
def test_what_is_said_while_choosing(lines: list[str], sentence: str) -> None:
    talk = Talk(*lines)
    talk.ask.select("Menu", FEW)
    assert sentence in talk.said.replace("Your choice: ", "").splitlines()


@pytest.mark.parametrize(("default", "value"), [("p", "p"), ("a", "a")])
def test_enter_takes_the_default(default: str, value: str) -> None:
    talk = Talk("")
    assert talk.ask.select("Menu", FEW, default=default) == value
    assert "Your choice [" in talk.said


@pytest.mark.parametrize("default", ["vanished", "x", None])
def test_a_default_that_cannot_be_is_ignored(default: str | None) -> None:
    talk = Talk("", "1")
    assert talk.ask.select("Menu", FEW, default=default) == "a"
    assert "Your choice: " in talk.said


def test_a_long_list_is_read_in_pages() -> None:
    talk = Talk("m", "m", "m", "40", page=15)
    assert talk.ask.select("Menu", MANY) == 40
    assert "(1 to 15 of 40; m for more)" in talk.said
    assert "(16 to 30 of 40; m for more)" in talk.said
    assert talk.said.count("31. row 31") == 1
    assert talk.said.count("row 01") == 2, "after the last page comes the first"


def test_an_empty_list_says_so_and_goes_back() -> None:
    talk = Talk("1")
    with pytest.raises(Back):
        talk.ask.select("Tools", [])
    assert "Tools: there is nothing to choose from." in talk.said


@pytest.mark.parametrize(
    ("line", "reason"), [("b", Back), ("B", Back), (":b", Back), ("q", Interrupt), (":q", Interrupt)]
)
def test_ways_out_of_a_list_and_of_yes_or_no(line: str, reason: type[Exception]) -> None:
    with pytest.raises(reason):
        Talk(line).ask.select("Menu", FEW)
    with pytest.raises(reason):
        Talk(line).ask.confirm("Sure?")


@pytest.mark.parametrize("question", ["select", "text", "confirm"])
def test_the_end_of_the_input_is_told_as_closed(question: str) -> None:
    talk = Talk()
    with pytest.raises(Closed):
        getattr(talk.ask, question)("Title", *([FEW] if question == "select" else []))


@pytest.mark.parametrize(
    ("line", "default", "answer"),
    [("spike", "", "spike"), ("", "kept", "kept"), (":e", "kept", ""), ("b", "", "b"), (" x ", "", "x")],
)
def test_a_text_is_typed_kept_or_emptied(line: str, default: str, answer: str) -> None:
    assert Talk(line).ask.text("Name", default=default) == answer


def test_a_refused_text_is_asked_again() -> None:
    talk = Talk("-x", "a/b", "fine")
    assert talk.ask.text("Name", note="a note", validate=check_name) == "fine"
    assert talk.said.count("cannot be a name. It begins with a letter or digit") == 2
    assert talk.said.count("Name: ") == 3


@pytest.mark.parametrize(("line", "reason"), [(":b", Back), (":q", Interrupt)])
def test_ways_out_of_a_text(line: str, reason: type[Exception]) -> None:
    with pytest.raises(reason):
        Talk(line).ask.text("Name", validate=check_name)


@pytest.mark.parametrize(
    ("lines", "default", "answer"),
    [(["y"], False, True), (["NO"], True, False), ([""], True, True), (["what", "yes"], False, True)],
)
def test_yes_and_no(lines: list[str], default: bool, answer: bool) -> None:
    talk = Talk(*lines)
    assert talk.ask.confirm("Sure?", default=default) is answer
    assert ("Answer y or n." in talk.said) == (len(lines) > 1)


@pytest.mark.parametrize(("lines", "last"), [(["", "", "y"], 10), (["s", "y"], 4)])
def test_long_details_are_read_in_pages_and_can_be_skipped(lines: list[str], last: int) -> None:
    talk = Talk(*lines, page=4)
    assert talk.ask.confirm("Sure?", details=[f"line {n}" for n in range(1, 11)]) is True
    assert f"  line {last}\n" in talk.said
    assert f"  line {last + 1}\n" not in talk.said
    assert "(6 more lines; " in talk.said


def test_everything_shown_is_cleaned_and_markup_stays() -> None:
    evil = "[b]x\x1b[31m\x07\u202e"
    talk = Talk("1", "t", "y", notices=lambda: [evil], status=lambda: evil)
    talk.ask.select(evil, [Choice(1, evil, evil)])
    talk.ask.text(evil, note=evil, default=evil)
    talk.ask.confirm(evil, details=[evil])
    assert talk.said.count("[b]x") == 12
    assert not {"\x1b", "\x07", "\u202e"} & set(talk.said)


def test_help_is_said_once_and_the_status_when_it_changes() -> None:
    states: Iterator[str] = iter(["ada", "ada", "ada, 1 notice"])
    talk = Talk("y", "y", "y", status=lambda: next(states))
    for _ in range(3):
        talk.ask.confirm("Sure?")
    assert talk.said.count("Answer with a number") == 1
    assert talk.said.splitlines().count("ada") == 1
    assert "ada, 1 notice" in talk.said


def hurt(error: BaseException) -> Any:
    """An input that fails once (Ctrl-C, or bytes that are no text), then gives a line."""
    lines = io.StringIO("y\n")
    readline, failures = lines.readline, [error]

    def fail_once() -> str:
        if failures:
            raise failures.pop()
        return readline()

    lines.readline = fail_once  # type: ignore[method-assign,assignment]
    return lines


def test_control_c_is_an_interrupt() -> None:
    with pytest.raises(Interrupt):
        Plain(hurt(KeyboardInterrupt()), io.StringIO()).confirm("Sure?")


def test_bytes_that_are_no_text_are_asked_for_again() -> None:
    output = io.StringIO()
    assert Plain(hurt(UnicodeDecodeError("utf-8", b"\xff", 0, 1, "bad")), output).confirm("Sure?") is True
    assert "could not be read as text" in output.getvalue()


def test_an_ascii_terminal_gets_question_marks_not_a_failure() -> None:
    raw = io.BytesIO()
    output = io.TextIOWrapper(raw, "ascii")
    Plain(io.StringIO("1\n"), output).select("Menü", [Choice(1, "日本")])
    assert b"Men?\n1. ??\n" in raw.getvalue()
