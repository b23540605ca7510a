"""Reports and errors on screens of several widths, and in pipes."""

from __future__ import annotations

import io

import pytest
from rich.console import Console

from roforlmao.actions.base import Report
from roforlmao.errors import BadInput, OperationFailed
from roforlmao.ui.render import make_console, render, render_error

URL = "https://example.org/a/very/long/path/to/a/repository/called/spike.git"
EVIL = "[red]x[/red] :smile: \x1b[31mred\x1b]0;title\x07\u202e"
SHOWN = "[red]x[/red] :smile: red"
TABLE = Report(
    None,
    "Registered tools",
    ["name", "url", "by", "registered"],
    [["spike", URL, "ada", "2026-11-22"], ["日本語のツール", EVIL, "bob", "2026-11-23"]],
)


class _Screen(io.StringIO):
    def isatty(self) -> bool:
        return True


def on_screen(report: Report, width: int, *, plain: bool = False) -> str:
    console = Console(file=_Screen(), record=True, width=width, force_terminal=True, markup=False)
    render(report, console, plain=plain)
    return console.export_text()


def in_pipe(report: Report) -> str:
    file = io.StringIO()
    render(report, make_console(color=True, file=file))
    return file.getvalue()


@pytest.mark.parametrize("plain", [False, True])
@pytest.mark.parametrize("width", [40, 60, 80, 200])
def test_a_table_keeps_every_cell_within_the_width(width: int, plain: bool) -> None:
    text = on_screen(TABLE, width, plain=plain)
    lines = text.splitlines()
    assert lines[0] == "Registered tools"
    assert all(len(line.rstrip()) <= width for line in lines)
    joined = "".join(line.replace(" ", "") for line in lines)
    for cell in ("spike", "日本語のツール", SHOWN, "2026-11-23", "ada", "bob"):
        assert cell.replace(" ", "") in joined
    assert ("─" in text) == (not plain and width > 40)


@pytest.mark.parametrize("width", [60, 80])
def test_a_long_cell_is_folded_whole(width: int) -> None:
    lines = on_screen(TABLE, width).splitlines()
    start = lines[1].index("url")
    first = next(place for place, line in enumerate(lines) if line.startswith("spike"))
    folded = "".join(line[start:].split()[0] for line in lines[first : first + 3] if line[start:].split())
    assert folded.startswith(URL)


def test_many_columns_on_a_narrow_screen_become_cards() -> None:
    columns = [f"column-{number}" for number in range(8)]
    text = on_screen(Report(None, "", columns, [[f"value {number}" for number in range(8)]] * 2), 60)
    lines = [line.rstrip() for line in text.splitlines()]
    assert lines[:2] == ["column-0  value 0", "column-1  value 1"]
    assert lines.count("") == 1


def test_an_empty_table_is_said_in_a_sentence() -> None:
    assert on_screen(Report([], "Registered tools", ["name"]), 60) == "Registered tools: nothing there yet.\n"
    assert on_screen(Report([], "", ["name"]), 60) == "The list: nothing there yet.\n"


@pytest.mark.parametrize("width", [20, 60])
def test_lines_are_verbatim_and_warnings_marked(width: int) -> None:
    line = "Message to scheduler: " + '{"container": "panosece/spike:latest", "cron": false}' * 3
    text = on_screen(Report(None, lines=["Report:", "a\ttab", EVIL, line], warnings=["careful"]), width)
    assert text == f"Report:\na\ttab\n{SHOWN}\n{line}\nWarning: careful\n"


def test_a_pipe_gets_rows_with_tabs_and_no_escapes(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("FORCE_COLOR", "1")
    wide = Report(None, "Title", ["name", "text"], [["a\tb\nc", "x" * 300], ["日本", EVIL]])
    assert in_pipe(wide) == f"name\ttext\na b c\t{'x' * 300}\n日本\t{SHOWN}\n"


def test_a_pipe_gets_the_title_where_there_is_no_table() -> None:
    assert in_pipe(Report(None, "Done [b]it[/b].", lines=["a" * 200])) == f"Done [b]it[/b].\n{'a' * 200}\n"


def test_a_pipe_of_an_empty_table_holds_only_its_head() -> None:
    assert in_pipe(Report([], "Tools", ["name", "url"])) == "name\turl\n"


def test_warnings_can_go_elsewhere() -> None:
    out, err = io.StringIO(), io.StringIO()
    report = Report(None, "Done.", warnings=["careful " * 20])
    render(report, make_console(color=False, file=out), errors=make_console(color=False, file=err))
    assert out.getvalue() == "Done.\n"
    assert err.getvalue() == f"Warning: {'careful ' * 20}\n"


def test_an_error_is_its_message_and_its_hint() -> None:
    file = io.StringIO()
    console = make_console(color=True, file=file)
    render_error(BadInput(f"'{EVIL}' cannot be a name.", "Use [letters]."), console)
    render_error(OperationFailed("It failed."), console)
    assert file.getvalue() == f"Error: '{SHOWN}' cannot be a name.\n  Use [letters].\nError: It failed.\n"


@pytest.mark.parametrize(("color", "escapes"), [(True, True), (False, False)])
def test_only_a_colour_terminal_gets_escapes(
    color: bool, escapes: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TERM", "xterm-256color")
    monkeypatch.delenv("NO_COLOR", raising=False)
    file = _Screen()
    console = make_console(color=color, file=file, width=80)
    render(TABLE, console)
    render_error(BadInput("No.", "Yes."), console)
    assert ("\x1b" in file.getvalue()) == escapes


def test_a_character_that_the_encoding_lacks_becomes_a_question_mark() -> None:
    raw = io.BytesIO()
    console = make_console(color=False, file=io.TextIOWrapper(raw, "ascii", write_through=True))
    render(Report(None, "", ["n"], [["日本é\udc80"]], lines=["→"]), console)
    assert raw.getvalue() == b"?\nn\n???\n"
