"""The list of choices: every key, and every trap found in questionary's select."""

from __future__ import annotations

from typing import Any

import pytest

from roforlmao.actions.base import Choice
from roforlmao.ui.prompter import Back, Closed, Interrupt
from tests.screens.glass import Script, glass

UP, DOWN, HOME, END, PGUP, PGDN = "\x1b[A", "\x1b[B", "\x1b[H", "\x1b[F", "\x1b[5~", "\x1b[6~"
FEW = [Choice("a", "Apple", "red"), Choice("b", "Banana"), Choice("c", "Cherry", "sour")]
MANY = [Choice(number, f"row {number}") for number in range(1, 101)]


def chosen(keys: str, choices: list[Choice], **settings: Any) -> Any:
    with glass() as (ask, screen):
        screen.press(keys)
        return ask.select("Menu", choices, **settings)


@pytest.mark.parametrize(
    ("keys", "value"),
    [
        ("\r", "a"),
        (DOWN + "\r", "b"),
        (DOWN * 3 + "\r", "a"),
        (UP + "\r", "c"),
        (END + "\r", "c"),
        (END + HOME + "\r", "a"),
        (PGDN + "\r", "c"),
        (PGDN + PGUP + "\r", "a"),
        ("\x0e\r", "b"),
        ("\x0e\x10\r", "a"),
        ("cherry\r", "c"),
        ("CHERRY\r", "c"),
        ("sour\r", "c"),
        ("an\r", "b"),
        ("zzz\x7f\x7f\x7f\r", "a"),
        ("cherry\x15\r", "c"),
        ("\t\r", "a"),
        (" jk\x15" + DOWN + "\r", "b"),
    ],
)
def test_keys_lead_to_the_choice(keys: str, value: str) -> None:
    assert chosen(keys, FEW) == value


def test_a_long_list_moves_by_pages_and_stops_at_its_ends() -> None:
    assert chosen(PGDN * 50 + "\r", MANY) == 100
    assert chosen(END + PGUP * 50 + "\r", MANY) == 1


@pytest.mark.parametrize(
    ("typed", "value"),
    [("é", 1), ("É", 1), ("e\u0301", 1), ("日本", 2), ("ß", 3), ("я", 4), ("\uff37ide", 5)],
)
def test_letters_beyond_ascii_search(typed: str, value: int) -> None:
    titles = ["Café", "日本語のツール", "Straße", "Яблоко", "Wide"]
    choices = [Choice(0, "other"), *[Choice(place, title) for place, title in enumerate(titles, 1)]]
    assert chosen(f"{typed}\r", choices) == value


@pytest.mark.parametrize("pasted", ["Cherry", "Che\nrry", "\x1b[31mCherry", " Cherry\r\n"])
def test_a_paste_lands_in_the_search_on_one_line(pasted: str) -> None:
    with glass() as (ask, screen):

        def script() -> Script:
            yield "Apple"
            screen.press(f"\x1b[200~{pasted}\x1b[201~")
            yield "/ Che"
            assert screen.lines[0] == " Menu"
            screen.press("\x1b")

        screen.follow(script())
        with pytest.raises(Back):
            ask.select("Menu", FEW)


def test_enter_on_no_match_does_nothing_but_say_so() -> None:
    with glass() as (ask, screen):

        def script() -> Script:
            yield "Apple"
            screen.press("zzz\r\r")
            yield "no match"
            assert "Apple" not in screen.text
            screen.press("\x7f" * 3 + DOWN + "\r")

        screen.follow(script())
        assert ask.select("Menu", FEW) == "b"


OFF = Choice("off", "Off row", disabled="not yet")


@pytest.mark.parametrize(
    ("choices", "keys", "value"),
    [
        ([OFF, OFF, *FEW], "\r", "a"),
        ([OFF, *FEW], UP + "\r", "c"),
        ([OFF, *FEW], HOME + "\r", "a"),
        ([*FEW, OFF], END + "\r", "c"),
        ([*FEW, OFF], PGDN + "\r", "c"),
        ([FEW[0], OFF, FEW[1]], DOWN + "\r", "b"),
        ([FEW[0], OFF, FEW[1]], DOWN + UP + "\r", "a"),
        ([OFF, *FEW], "off\r\x15" + DOWN + "\r", "b"),
    ],
)
def test_a_disabled_row_is_never_chosen(choices: list[Choice], keys: str, value: str) -> None:
    assert chosen(keys, choices) == value


def test_a_list_of_disabled_rows_only_lets_one_go_back() -> None:
    with pytest.raises(Back):
        chosen(DOWN + UP + PGDN + "\r\x1b", [OFF, OFF])


@pytest.mark.parametrize(
    ("default", "value"), [("b", "b"), ("vanished", "a"), (None, "a"), ("off", "a"), (FEW, "a")]
)
def test_the_default_is_pointed_at_and_a_vanished_one_ignored(default: Any, value: str) -> None:
    assert chosen("\r", [*FEW, OFF], default=default) == value


@pytest.mark.parametrize("value", [None, 0, "", False, (1, 2)])
def test_the_value_comes_back_as_it_is(value: Any) -> None:
    assert chosen("\r", [Choice(value, "a title")]) is value


def test_an_empty_list_says_so_and_goes_back() -> None:
    with glass() as (ask, screen):
        with pytest.raises(Back):
            ask.select("Registered tools", [])
        assert "Registered tools: there is nothing to choose from." in screen.text


@pytest.mark.parametrize(
    ("keys", "reason"),
    [("\x1b", Back), ("\x03", Interrupt), ("\x04", Closed), ("abc\x1b", Back), ("abc\x04", Closed)],
)
def test_ways_out(keys: str, reason: type[Exception]) -> None:
    with glass() as (ask, screen):
        screen.press(keys)
        with pytest.raises(reason):
            ask.select("Menu", FEW)
        assert screen.text == "", "what was asked vanishes"


def test_a_closed_input_is_told_as_closed() -> None:
    with glass() as (ask, screen):
        screen._keys.close()
        with pytest.raises(Closed):
            ask.select("Menu", FEW)


def test_keys_typed_ahead_reach_the_next_question() -> None:
    with glass() as (ask, screen):
        screen.press(DOWN + "\r" + DOWN * 2 + "\r")
        assert [ask.select("One", FEW), ask.select("Two", FEW)] == ["b", "c"]


def test_two_quick_escapes_go_back_twice() -> None:
    with glass() as (ask, screen):
        screen.press("\x1b\x1b")
        for _ in range(2):
            with pytest.raises(Back):
                ask.select("One", FEW)


def test_markup_and_escape_sequences_show_as_text() -> None:
    evil = Choice(1, "[red]x[/red] <b>y</b> {z} \x1b[31mred\x1b]0;title\x07", "a\nnote\u202e")
    with glass() as (ask, screen):

        def script() -> Script:
            yield " » [red]x[/red] <b>y</b> {z} red  a note"
            screen.press("\r")

        screen.follow(script())
        assert ask.select("M\x1b]0;gone\x07enu", [evil]) == 1
        assert "\x1b]" not in screen.raw
        assert screen.text == " Menu  [red]x[/red] <b>y</b> {z} red"


@pytest.mark.parametrize("cols", [20, 40, 60, 80])
def test_long_and_wide_titles_are_cut_to_the_width(cols: int) -> None:
    choices = [
        Choice(1, "日本語のツール" * 20, "note " * 30),
        Choice(2, "x" * 300),
        Choice(3, "short", "é" * 200),
        Choice(4, "k" * (cols - 4)),
    ]
    with glass(cols=cols) as (ask, screen):

        def script() -> Script:
            yield "short"
            rows = screen.lines[2:6]
            assert [row[:3] for row in rows] == [" » ", "   ", "   ", "   "]
            assert "…" in rows[0]
            assert rows[1].endswith("…")
            assert rows[3] == "   " + "k" * (cols - 4), "what just fits is not cut"
            screen.press("\x1b")

        screen.follow(script())
        with pytest.raises(Back):
            ask.select("T" * 200, choices)


def test_a_list_longer_than_the_screen_scrolls_and_counts() -> None:
    with glass(rows=12, status=lambda: "ada") as (ask, screen):

        def script() -> Script:
            yield "1 of 100"
            assert screen.lines[-1] == "ada"
            screen.press(END)
            yield "100 of 100"
            assert " » row 100" in screen.text
            assert screen.lines[0] == " Menu"
            screen.press("row 7")
            yield "1 of 11 (in 100)"
            screen.press(DOWN + "\r")

        screen.follow(script())
        assert ask.select("Menu", MANY) == 70


def test_ten_thousand_rows_open_and_search_at_once() -> None:
    choices = [Choice(number, f"tool-{number:05d}", "what it does") for number in range(10_000)]
    assert chosen("tool-09999\r", choices) == 9999


@pytest.mark.parametrize("rows", [1, 2, 3, 5])
def test_a_tiny_terminal_still_answers(rows: int) -> None:
    with glass(rows=rows, cols=12) as (ask, screen):
        screen.press(DOWN + "\r")
        assert ask.select("Menu", MANY) == 2
