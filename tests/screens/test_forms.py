"""Text and yes-or-no questions, the status line and the notices above them."""

from __future__ import annotations

import itertools
import re

import pytest

from roforlmao.actions.base import Choice
from roforlmao.errors import BadInput
from roforlmao.names import check_name
from roforlmao.ui import frame
from roforlmao.ui.prompter import Back, Closed, Interrupt
from tests.screens.glass import Script, glass

COLOR = re.compile(r"\x1b\[(?!0?m)[0-9;]+m")


@pytest.mark.parametrize(
    ("keys", "default", "answer"),
    [
        ("spike\r", "", "spike"),
        ("\r", "kept", "kept"),
        ("\x15new\r", "old", "new"),
        ("x\x7fy\r", "", "y"),
        ("  spaced  \r", "", "spaced"),
        ("\r", "two  blanks", "two  blanks"),
        ("日本é\r", "", "日本é"),
        ("\x1b[200~pasted\nlines\x1b[31m\x1b[201~\r", "", "pasted lines"),
        ("ac\x1b[Db\r", "", "abc"),
        ("\r", "evil\x1b[2Jdefault", "evildefault"),
    ],
)
def test_a_text_is_typed_pasted_or_kept(keys: str, default: str, answer: str) -> None:
    with glass() as (ask, screen):
        screen.press(keys)
        assert ask.text("Name", default=default) == answer


@pytest.mark.parametrize(("keys", "reason"), [("ab\x1b", Back), ("ab\x03", Interrupt), ("\x04", Closed)])
def test_ways_out_of_a_text(keys: str, reason: type[Exception]) -> None:
    with glass() as (ask, screen):
        screen.press(keys)
        with pytest.raises(reason):
            ask.text("Name", note="a note")
        assert screen.text == ""


@pytest.mark.parametrize("cols", [60, 80])
def test_a_refusal_stands_under_the_line_until_it_is_put_right(cols: int) -> None:
    with glass(cols=cols, status=lambda: "ada") as (ask, screen):

        def script() -> Script:
            yield "Name of the tool:"
            assert "cannot be" not in screen.text
            screen.press("-spike\r")
            yield "'-spike' cannot be a name."
            assert screen.line_of("cannot be") == screen.line_of("Name of the tool") + 1
            hint = "It begins with a letter or digit; then letters, digits, '.', '_' and '-'."
            assert hint in " ".join(line.strip() for line in screen.lines)
            assert all(len(line) <= cols for line in screen.lines)
            screen.press("\x01\x1b[3~")
            yield "Name of the tool: spike"
            assert "cannot be" not in screen.text, "it is checked with every key from now on"
            assert screen.lines[screen.line_of("ada")] == "ada"
            screen.press("\r")

        screen.follow(script())
        assert ask.text("Name of the tool", note="as others will see it", validate=check_name) == "spike"
        assert screen.text == " Name of the tool: spike"


def test_what_the_check_is_given_is_what_is_returned() -> None:
    seen: list[str] = []
    with glass() as (ask, screen):
        screen.press("  a b \r")
        assert ask.text("Argument", validate=seen.append) == "a b"
    assert seen == ["a b"]


def test_an_error_that_is_no_refusal_comes_out() -> None:
    def broken(_text: str) -> None:
        raise LookupError("a defect")

    with glass() as (ask, screen):
        screen.press("x\r")
        with pytest.raises(LookupError):
            ask.text("Argument", validate=broken)
        assert screen.text == ""


def test_a_defect_of_the_watch_comes_out(monkeypatch: pytest.MonkeyPatch) -> None:
    def broken() -> str:
        raise LookupError("a defect")

    with glass() as (ask, _screen):
        monkeypatch.setattr(ask.frame, "status_text", broken)
        with pytest.raises(LookupError):
            ask.select("Menu", [Choice(1, "one")])


def test_a_long_title_leaves_room_to_type() -> None:
    with glass(cols=60) as (ask, screen):

        def script() -> Script:
            yield "Which of the columns"
            screen.press("seven")
            yield "> seven"
            assert "seven" not in screen.lines[0]
            screen.press("\r")

        screen.follow(script())
        assert ask.text("Which of the columns holds the key of a row in this file") == "seven"


@pytest.mark.parametrize(
    ("keys", "default", "answer"),
    [("y", False, True), ("N", True, False), ("\r", True, True), ("\r", False, False), ("xq7Y", False, True)],
)
def test_yes_and_no(keys: str, default: bool, answer: bool) -> None:
    with glass() as (ask, screen):
        screen.press(keys)
        assert ask.confirm("Go on?", default=default) is answer
        assert screen.text == f" Go on? {'Yes' if answer else 'No'}"


@pytest.mark.parametrize(("keys", "reason"), [("\x1b", Back), ("\x03", Interrupt), ("\x04", Closed)])
def test_ways_out_of_yes_or_no(keys: str, reason: type[Exception]) -> None:
    with glass() as (ask, screen):
        screen.press(keys)
        with pytest.raises(reason):
            ask.confirm("Go on?", details=["a line"])
        assert screen.text == ""


def test_a_paste_answers_nothing() -> None:
    with glass() as (ask, screen):

        def script() -> Script:
            yield "Trust"
            screen.press("\x1b[200~yes\r\x1b[201~")
            screen.press("x")
            yield "Trust it? (y/N)"
            assert "yes" not in screen.text
            screen.press("\r")

        screen.follow(script())
        assert ask.confirm("Trust it?") is False


def test_short_details_stand_above_and_stay() -> None:
    details = ["from [b]https://example.org[/b]", "\x1b[2Jrm -rf \u202ex", "\tindented"]
    with glass() as (ask, screen):
        screen.press("y")
        assert ask.confirm("Trust it?", details=details) is True
        shown = ["  from [b]https://example.org[/b]", "  rm -rf x", "      indented", "", " Trust it? Yes"]
        assert screen.lines[:5] == shown


def test_details_longer_than_the_screen_can_all_be_read() -> None:
    details = [f"line {number} {'x' * 100}" for number in range(1, 41)]
    seen: set[str] = set()
    with glass(rows=20, cols=60) as (ask, screen):

        def script() -> Script:
            yield "lines 1 to 13 of 80"
            for first in (14, 27, 40, 53, 66):
                seen.update(re.findall(r"line \d+ ", screen.text))
                assert "Trust it? (y/N)" in screen.text
                screen.press("\x1b[6~")
                yield f"lines {first} to"
            seen.update(re.findall(r"line \d+ ", screen.text))
            screen.press("\x1b[6~\x1b[A")
            yield "lines 67 to 79 of 80"
            screen.press("\x1b[H")
            yield "lines 1 to 13 of 80"
            screen.press("\x1b[F")
            yield "lines 68 to 80 of 80"
            seen.update(re.findall(r"line \d+ ", screen.text))
            screen.press("y")

        screen.follow(script())
        assert ask.confirm("Trust it?", details=details) is True
        assert screen.text == " Trust it? Yes"
    assert len(seen) == 40


def test_notices_come_above_without_disturbing_what_is_typed() -> None:
    with glass(status=lambda: "ada") as (ask, screen):

        def script() -> Script:
            yield "Name:"
            screen.press("half")
            yield "Name: half"
            screen.notices = ["spike: \x1b[5man anomaly\nof [b]7 %[/b]", "new data"]
            yield "Name: half"
            yield "new data"
            assert screen.lines[:3] == ["* spike: an anomaly of [b]7 %[/b]", "* new data", " Name: half"]
            screen.press(" done\r")

        screen.follow(script())
        assert ask.text("Name") == "half done"


def test_waiting_notices_are_printed_before_the_question() -> None:
    with glass() as (ask, screen):
        screen.notices = ["came in between"]
        screen.press("\r")
        ask.select("Menu", [Choice(1, "one")])
        assert screen.lines[:2] == ["* came in between", " Menu  one"]


def test_a_long_notice_breaks_between_words() -> None:
    with glass(cols=60) as (ask, screen):
        screen.notices = [
            "Run 7 succeeded, but its data is not published: the host of git@example.org:a/b is away."
        ]
        screen.press("\r")
        ask.select("Menu", [Choice(1, "one")])
        assert screen.lines[:2] == [
            "* Run 7 succeeded, but its data is not published: the host",
            "  of git@example.org:a/b is away.",
        ]


def test_the_status_line_is_renewed_while_a_question_is_open(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(frame, "STATUS_AGE", 0.01)
    count = itertools.count()
    with glass(cols=30, status=lambda: f"ada [b] \x1b[31m{next(count)} " + "x" * 50) as (ask, screen):

        def script() -> Script:
            yield "ada [b] 2 xx"
            yield "ada [b] 5 xx"
            assert screen.lines[screen.line_of("ada")].endswith("…")
            screen.press("\x1b")

        screen.follow(script())
        with pytest.raises(Back):
            ask.select("Menu", [Choice(1, "one")])


def test_the_status_is_not_asked_for_more_often_than_needed() -> None:
    calls = itertools.count(1)
    with glass(status=lambda: f"call {next(calls)}") as (ask, screen):
        screen.press("abcdefgh\x7f\x7f\x7f\x1b")
        with pytest.raises(Back):
            ask.select("Menu", [Choice(1, "one")])
        assert next(calls) == 2


def test_without_colour_no_attribute_is_ever_written() -> None:
    def session(color: bool) -> str:
        with glass(color=color, status=lambda: "ada") as (ask, screen):
            screen.press("on\r" + "--\r\x15ok\r" + "y")
            ask.select("Menu", [Choice(1, "one", "note"), Choice(2, "two", disabled="off")])
            ask.text("Name", note="note", validate=_refuse_dashes)
            ask.confirm("Sure?", details=["x"])
            return screen.raw

    assert COLOR.search(session(True))
    assert not COLOR.search(session(False))


def _refuse_dashes(text: str) -> None:
    if "-" in text:
        raise BadInput("No dashes.", "Type something else.")
