"""Long work: what is shown while it goes on, and what Ctrl-C does."""

from __future__ import annotations

import io
import os
import signal
import threading
import time
import traceback
import tracemalloc
from collections.abc import Callable
from pathlib import Path

import pytest
from rich.console import Console

from roforlmao.errors import Cancelled, ToolFailed
from roforlmao.progress import Progress
from roforlmao.ui import signals
from roforlmao.ui import work as work_module
from roforlmao.ui.meter import Meter, drawing
from roforlmao.ui.render import make_console
from roforlmao.ui.work import work

DOCUMENTED = Path(__file__).parents[2] / "docs" / "containers.md"


@pytest.fixture
def pipe() -> Console:
    return make_console(color=False, file=io.StringIO())


def said(console: Console) -> str:
    assert isinstance(console.file, io.StringIO)
    return console.file.getvalue()


def test_the_result_comes_back_from_another_thread(pipe: Console) -> None:
    assert work(lambda _: threading.current_thread(), pipe) is not threading.main_thread()


def test_an_error_comes_out_with_its_own_traceback(pipe: Console) -> None:
    def broken(_: Progress) -> None:
        raise ToolFailed("exit code 3")

    with pytest.raises(ToolFailed, match="exit code 3") as failure:
        work(broken, pipe)
    assert "broken" in [frame.name for frame in traceback.extract_tb(failure.value.__traceback__)]


def test_system_exit_of_the_work_comes_out_too(pipe: Console) -> None:
    def leave(_: Progress) -> None:
        raise SystemExit(7)

    with pytest.raises(SystemExit) as end:
        work(leave, pipe)
    assert end.value.code == 7


def steps(progress: Progress) -> None:
    for number in range(30):
        progress.start(f"Step {number} of [b]x[/b] \x1b[31m")
        progress.log("a line that is not for a pipe")


def test_a_pipe_gets_one_line_per_step(pipe: Console) -> None:
    work(steps, pipe)
    assert said(pipe) == "".join(f"Step {number} of [b]x[/b]\n" for number in range(30))


def test_quiet_says_nothing(pipe: Console) -> None:
    work(steps, pipe, quiet=True)
    assert said(pipe) == ""


class _Screen(io.StringIO):
    def isatty(self) -> bool:
        return True


@pytest.mark.parametrize(("plain", "term"), [(True, "xterm"), (False, "dumb")])
def test_a_terminal_without_cursor_gets_lines_and_no_escapes(
    plain: bool, term: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TERM", term)
    monkeypatch.setattr(work_module, "REMINDER", 0.15)
    console = make_console(color=True, file=_Screen(), width=80)
    reminded = threading.Event()

    def count(progress: Progress) -> None:
        progress.start("Cloning", 10, "objects")
        progress.update(4)
        while not reminded.is_set() and not progress.wait(0.01):
            if "4 of 10 objects" in said(console):
                reminded.set()

    work(count, console, plain=plain)
    assert said(console).startswith("Cloning\nCloning  4 of 10 objects\n")
    assert "\x1b" not in said(console)


def interrupt_when(ready: threading.Event) -> Callable[[], None]:
    def send() -> None:
        assert ready.wait(10)
        os.kill(os.getpid(), signal.SIGINT)

    return send


def test_the_first_interrupt_cancels_by_token(pipe: Console) -> None:
    ready = threading.Event()
    threading.Thread(target=interrupt_when(ready), daemon=True).start()

    def wait(progress: Progress) -> None:
        ready.set()
        assert progress.wait(10), "it wakes up"
        progress.checkpoint()

    with pytest.raises(Cancelled, match="Stopped"):
        work(wait, pipe)


def test_work_that_had_all_but_ended_may_still_return(pipe: Console) -> None:
    ready = threading.Event()
    threading.Thread(target=interrupt_when(ready), daemon=True).start()

    def finish(progress: Progress) -> str:
        ready.set()
        progress.wait(10)
        return "done"

    assert work(finish, pipe) == "done"


@pytest.mark.parametrize("quiet", [True, False])
def test_the_second_interrupt_abandons(pipe: Console, quiet: bool) -> None:
    first, second, released = threading.Event(), threading.Event(), threading.Event()
    for ready in (first, second):
        threading.Thread(target=interrupt_when(ready), daemon=True).start()

    def stubborn(progress: Progress) -> None:
        first.set()
        progress.wait(10)
        second.set()
        released.wait(10)

    with pytest.raises(Cancelled, match="Left at once"):
        work(stubborn, pipe, quiet=quiet)
    released.set()


def test_the_interrupt_handler_is_put_back(pipe: Console) -> None:
    before = signal.getsignal(signal.SIGINT)
    work(steps, pipe)
    assert signal.getsignal(signal.SIGINT) is before


def test_a_signal_that_ends_the_launcher_lets_the_work_stop_first(pipe: Console) -> None:
    ended: list[str] = []
    before = {number: signal.getsignal(number) for number in (signal.SIGTERM, signal.SIGHUP)}

    def tidy(progress: Progress) -> None:
        os.kill(os.getpid(), signal.SIGTERM)
        progress.wait(10)
        os.kill(os.getpid(), signal.SIGHUP)
        ended.append("tidy")

    signals.install()
    try:
        with pytest.raises(SystemExit) as end:
            work(tidy, pipe)
    finally:
        signals._state = signals._State()
        for number, handler in before.items():
            signal.signal(number, handler)
    assert (ended, end.value.code) == (["tidy"], 143)


def test_floods_of_output_neither_slow_the_work_nor_grow() -> None:
    line = "x" * 100
    console = make_console(color=True, file=_Screen(), width=80)

    def flood(progress: Progress) -> float:
        began = time.process_time()
        for _ in range(1_000_000):
            progress.log(line)
        progress.log("y" * 50_000_000)
        return time.process_time() - began

    tracemalloc.start(1)
    try:
        base = tracemalloc.get_traced_memory()[0]
        meter = Meter()
        for number in range(20_000):
            meter.log(f"{number} {line}")
            meter.start(f"step {number}")
        assert tracemalloc.get_traced_memory()[0] - base < 200_000
    finally:
        tracemalloc.stop()
    # 100 MB; a generous bound, since other tests share the machine
    assert work(flood, console) < 5


def drawn(meter: Meter, columns: int, height: int = 24, *, ascii_only: bool = False) -> list[str]:
    console = Console(width=columns, record=True, file=io.StringIO(), markup=False)
    console.print(drawing(meter, columns, height, turn=0, ascii_only=ascii_only))
    return console.export_text().splitlines()


@pytest.mark.parametrize(
    ("done", "total", "unit", "amount"),
    [
        (40, 120, "objects", "40 of 120 objects"),
        (3_100_000, 12_000_000, "B", "3.1 of 12.0 MB"),
        (0, 999, "B", "0.0 of 999.0 B"),
        (5_000, None, "B", "5.0 kB"),
        (2 * 10**9, None, "B", "2.0 GB"),
        (1234, None, "objects", "1,234 objects"),
        (0, None, "objects", ""),
        (0, None, "", ""),
    ],
)
def test_amounts_read_well(done: int, total: int | None, unit: str, amount: str) -> None:
    meter = Meter()
    meter.start("Cloning", total, unit)
    meter.update(done)
    assert meter.amount() == amount


@pytest.mark.parametrize(("done", "share"), [(0, "0%"), (60, "50%"), (120, "100%"), (500, "100%")])
@pytest.mark.parametrize("columns", [60, 80])
def test_a_known_total_draws_a_bar(done: int, share: str, columns: int) -> None:
    meter = Meter()
    meter.start("Cloning", 120, "objects")
    meter.update(done)
    first, bar = drawn(meter, columns)
    assert first == "⠋ Cloning  0:00  (Ctrl-C stops)"
    assert bar.count("━") + bar.count("─") == 24
    assert share in bar


def test_the_total_may_become_known_later() -> None:
    meter = Meter()
    meter.start("Counting")
    assert len(drawn(meter, 60)) == 1
    meter.update(5, 10)
    assert "50%" in drawn(meter, 60)[1]


@pytest.mark.parametrize("columns", [1, 10, 30, 60, 80])
def test_nothing_drawn_is_wider_than_the_screen(columns: int) -> None:
    meter = Meter()
    meter.start("日本語" * 40, 10**12, "B" + "x" * 100)
    for number in range(9):
        meter.log(f"line {number} [red]{'長い' * 100}\x1b[2J\r\n")
    meter.cancel()
    lines = drawn(meter, columns, 10)
    assert len(lines) == 7, "the headline, the bar and the last five lines"
    if columns >= 30:
        assert lines[2].startswith("  line 4 [red]長")
        assert all("\x1b" not in line for line in lines)


@pytest.mark.parametrize(("height", "shown"), [(4, 3), (24, 12), (60, 20)])
def test_the_log_gets_half_of_the_screen(height: int, shown: int) -> None:
    meter = Meter()
    meter.start("Running")
    for number in range(40):
        meter.log(f"line {number}")
    lines = drawn(meter, 80, height)
    assert lines[1:] == [f"  line {number}" for number in range(40 - shown, 40)]


def test_the_documented_live_run_is_what_is_drawn() -> None:
    meter = Meter()
    meter.start("Running spike run")
    meter.part("memory", 26 << 20, 64 << 20, note="26 of 64 MB")
    for number in range(7, 19):
        meter.log(f"2026-11-22 10:00:{number:02} fetching page {number} of 40")
    picture = "\n".join(line.rstrip() for line in drawn(meter, 80))
    assert f"```\n{picture}\n```" in DOCUMENTED.read_text(encoding="utf-8")


def layered(count: int) -> Meter:
    meter = Meter()
    meter.start("Pulling", unit="B")
    for number in range(count):
        meter.part(f"layer{number:07d}", 10 * number, 100, note="downloading")
    meter.part("waits\x1b[2J", 0, note="waiting")
    meter.update(50, 100)
    return meter


@pytest.mark.parametrize("ascii_only", [False, True])
def test_each_part_of_a_step_has_a_row(ascii_only: bool) -> None:
    lines = drawn(layered(3), 80, ascii_only=ascii_only)
    assert [line.split()[0] for line in lines[2:]] == [
        "layer0000000",
        "layer0000001",
        "layer0000002",
        "waits",
    ]
    assert lines[4].endswith("20%  downloading")
    assert lines[5].split() == ["waits", "waiting"]


def test_parts_that_ended_or_belong_to_an_earlier_step_are_not_shown() -> None:
    meter = layered(2)
    meter.part("layer0000000", 100, 100, ended=True)
    assert [name for name, _ in meter.parts()] == ["layer0000001", "waits\x1b[2J"]
    meter.start("Unpacking")
    assert meter.parts() == []


@pytest.mark.parametrize("columns", [1, 10, 30, 80])
def test_many_parts_fit_the_screen(columns: int) -> None:
    lines = drawn(layered(60), columns)
    assert len(lines) == 11, "the headline, the bar, eight parts and how many more"
    if columns == 80:
        assert lines[-1] == "    and 53 more"


def test_an_ascii_terminal_gets_an_ascii_bar() -> None:
    meter = Meter()
    meter.start("Cloning", 2, "B")
    meter.update(1)
    assert "\n".join(drawn(meter, 80, ascii_only=True)).isascii()


def test_once_cancelled_the_headline_says_so() -> None:
    meter = Meter()
    meter.start("Cloning " * 20)
    meter.cancel()
    assert "stopping; Ctrl-C again leaves at once" in meter.headline(60)
