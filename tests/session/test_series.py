"""`dataset history` and the back-test: as verbs, and on their screens at 80 and 60 columns."""

from __future__ import annotations

import datetime as dt
import shutil
import subprocess
from pathlib import Path

import pytest

from tests.screens.terminal import Terminal
from tests.session.test_menus import choose, launcher
from tests.session.world import DATA, Operator, World, clean_environment, days

START = dt.date(2026, 1, 1)
DAY_KEYS = {
    "date", "rows", "added", "removed", "changed", "state", "against", "source", "missing", "reason",
}  # fmt: skip


def apps(directory: Path, *rows: int) -> Path:
    """A snapshot and a control file a day; a negative number is a day without any."""
    directory.mkdir(parents=True, exist_ok=True)
    for number, count in enumerate(rows):
        date = START + dt.timedelta(number)
        if count >= 0:
            lines = [f"{row},app {row},{number}" for row in range(count)]
            (directory / f"apps-{date}.csv").write_text(
                "\n".join(["id,name,day", *lines]) + "\n" if lines else ""
            )
            (directory / f"control-{date}.csv").write_text(f"{count}\n")
    return directory


def cloned(world: World, alice: Operator, *rows: int) -> Path:
    """A local clone called apps."""
    path = alice.home / "imports" / "datasets" / "apps"
    apps(path, *rows)
    world.git(path, "init", "--quiet", "--initial-branch=main")
    world.commit(path, "sync 2026-01-31")
    return path


def test_history_by_name_and_by_path_is_the_same_document(world: World) -> None:
    alice = world.operator("alice")
    path = cloned(world, alice, 10, 12, -1, -1, 0, 12)
    found = alice.done("dataset", "history", "apps")
    assert found == alice.done("dataset", "history", path) == alice.done("dataset", "history", path, "apps-*")
    assert set(found[0]) == DAY_KEYS
    told = [[one[key] for key in ("date", "rows", "added", "removed", "changed", "state")] for one in found]
    assert told == [
        ["2026-01-01", 10, None, None, None, "first"], ["2026-01-02", 12, 2, 0, 10, "counted"],
        ["2026-01-05", 0, None, None, None, "empty"], ["2026-01-06", 12, 0, 0, 12, "counted"],
    ]  # fmt: skip
    assert [one["missing"] for one in found] == [0, 0, 2, 0]
    assert found[3]["against"] == "2026-01-02"
    names = alice.done("dataset", "history", "apps", "--count", "names", "--key", "name")
    assert [one["added"] for one in names] == [None, 2, 0, 0]
    assert [one["changed"] for one in names] == [None] * 4


def test_history_of_one_file_goes_from_commit_to_commit(world: World) -> None:
    alice = world.operator("alice")
    path = cloned(world, alice, 3)
    for day, count in (("2026-02-01", 4), ("2026-02-02", 6)):
        (path / "all.csv").write_text("id\n" + "".join(f"{n}\n" for n in range(count)))
        world.commit(path, f"sync {day}")
    found = alice.done("dataset", "history", path / "all.csv")
    assert [(one["date"], one["rows"], one["added"]) for one in found] == [
        ("2026-02-01", 4, None), ("2026-02-02", 6, 2),
    ]  # fmt: skip
    assert found == alice.done("dataset", "history", "apps", "all.csv")


@pytest.mark.parametrize(
    ("words", "what"),
    [
        (["nowhere"], "no local clone and no path 'nowhere'"),
        (["."], "2 streams that this may mean"),
        ([".", "b-*.csv"], "no dated tables like 'b-*.csv'"),
        (["plain.csv"], "not in a git repository"),
        ([".", "a-*.csv", "--count", "magic"], "'magic' is not a way to count"),
        ([".", "a-*.csv", "--key", "nothing"], "There is no column 'nothing'"),
    ],
)
def test_wrong_usage_is_a_sentence_and_exit_2(
    world: World, monkeypatch: pytest.MonkeyPatch, words: list[str], what: str
) -> None:
    directory = world.root / "d"
    directory.mkdir()
    for name in ("a-2026-01-01.csv", "a-2026-01-02.csv", "x-2026-01-01.csv", "plain.csv"):
        (directory / name).write_text("id,v\n1,2\n")
    monkeypatch.chdir(directory)
    answer = world.operator("alice").verb("dataset", "history", *words)
    assert answer.status == 2
    assert what in answer.data["error"]["message"]


def test_a_pipe_gets_rows_and_no_drawing(world: World) -> None:
    alice = world.operator("alice")
    directory = apps(world.root / "d", 10, 12, 11)
    for words in (["dataset", "history", directory], ["spike", "backtest", directory]):
        shown = subprocess.run(
            alice.command(*words), env=clean_environment(), capture_output=True, text=True, check=True
        ).stdout
        assert not any(0x2800 <= ord(glyph) < 0x2900 for glyph in shown)
        assert "\t" in shown


@pytest.mark.parametrize("cols", [80, 60])
def test_a_terminal_gets_the_series_drawn(world: World, cols: int) -> None:
    alice = world.operator("alice")
    directory = apps(world.root / "d", *[100 + run % 3 for run in range(30)], 60)
    command = alice.command("--no-color", "spike", "backtest", directory)
    with Terminal(command, cols=cols, env=clean_environment()) as terminal:
        terminal.wait_for("░ usual range   X alarm (1)")
        assert "Values of d" in terminal.screen()
        assert terminal.wait_end() == 0


def drawn_from(terminal: Terminal, first: str, last: str) -> list[str]:
    """The x axis of a chart that is as wide as the screen."""
    return [line for line in terminal.screen().splitlines() if first in line and last in line]


@pytest.mark.parametrize("cols", [80, 60])
def test_the_screen_of_a_history(world: World, cols: int) -> None:
    alice = world.operator("alice")
    cloned(world, alice, *range(100, 120), 0, -1, -1, 121, 122)
    with launcher(world, alice.home, cols=cols) as terminal:
        choose(terminal, "Data", "History of a stream")
        terminal.wait_for("a local clone or a directory")
        terminal.press("enter")
        shown = terminal.wait_for("draw changes")
        assert "History of apps-*.csv: 23 versions" in shown
        assert "X empty (1)" in shown
        assert "» 2026-01-25   122" in shown
        assert ("2 missing before" in shown) == (cols == 80)  # else it is scrolled to, or on the card
        for narrower in (15, 0):
            terminal.resize(cols - narrower, 24)
            terminal.wait_until(lambda: bool(drawn_from(terminal, "2026-01-01", "2026-01-25")))
        terminal.send("g")
        assert "⡇ removed, downwards" in terminal.wait_for("draw rows")
        terminal.send("k")
        terminal.wait_for("count rows")
        terminal.send("o")
        terminal.wait_for("Tab next list")  # the comparison of that day with the one before
        terminal.press("escape")
        terminal.wait_for("draw rows")
        terminal.press("escape")
        terminal.wait_for("Again: python launcher.py")
        terminal.press("escape")
        choose(terminal, "Quit")
        assert terminal.wait_end() == 0


def test_streams_outside_of_clones_are_offered_too(world: World) -> None:
    alice = world.operator("alice")
    with launcher(world, alice.home) as terminal:
        choose(terminal, "Data", "History of a stream")
        terminal.wait_for("neither a clone nor a stream of dated tables")
        apps(alice.home / "work" / "crawls", 3, 5)
        nested = apps(alice.home / "work" / "nested", 2)
        for day in ("2026-02-01", "2026-02-02"):
            (nested / day).mkdir()
            (nested / day / "shops.csv").write_text("id,name\n1,a\n")
        choose(terminal, "History of a stream")
        shown = terminal.wait_for("work/crawls")
        offered = [line.strip(" »") for line in shown.splitlines() if line[3:].startswith("work/")]
        assert offered == ["work/nested", "work/crawls"], "those of the newest days first"
        choose(terminal, "crawls")
        terminal.wait_for("History of apps-*.csv: 2 versions")
        terminal.press("escape", "escape")
        choose(terminal, "Quit")
        assert terminal.wait_end() == 0


def test_a_history_reads_what_the_configuration_lets_it(world: World) -> None:
    alice = world.operator("alice")
    directory = apps(world.root / "d", 3, 5)
    mine = alice.home / "config.yaml"
    mine.write_text(mine.read_text() + "\ncompare: {max_line_mb: 1}\n")
    long = directory / "apps-2026-01-03.csv"
    long.write_text("id,name,day\n" + "x" * 1_500_000)
    for rule in ("rows", "names"):
        last = alice.done("dataset", "history", directory, "--count", rule)[-1]
        assert (last["state"], last["reason"]) == (
            "unreadable", f"{long}, line 2: longer than 1,000,000 bytes.",
        )  # fmt: skip


@pytest.mark.parametrize("cols", [80, 60])
def test_method_and_sensitivity_change_the_alarms_on_the_screen(world: World, cols: int) -> None:
    alice = world.operator("alice")
    cloned(world, alice, *[1000 + 7 * (run * 5 % 9) for run in range(40)], 900, 1000, 0, 1010)
    with launcher(world, alice.home, cols=cols) as terminal:
        choose(terminal, "Spikes", "Judge every run in turn")
        terminal.wait_for("the data directory")
        terminal.press("enter")
        terminal.wait_for("default or classic")
        terminal.press("enter")
        shown = terminal.wait_for("2 alarms in 44 runs (default, sensitivity normal)"[: cols - 20])
        assert "░ usual range   X alarm (2)" in shown
        assert "» 2026-02-10    900   1014.19  912.478  1141.33" in shown
        terminal.send("m")
        choose(terminal, "classic")
        terminal.wait_for("3 alarms in 44 runs (classic)")  # the day after a bad one alarms, too
        terminal.send("m")
        choose(terminal, "default")
        terminal.wait_for("s sensitivity")
        terminal.send("s")
        choose(terminal, "low")
        terminal.wait_for("sensitivity low"[: cols - 50])
        terminal.send("a")
        terminal.wait_for("alarms only")
        terminal.wait_for("insufficient-data")
        terminal.press("escape")
        terminal.wait_for("Again: python launcher.py")


@pytest.mark.parametrize("cols", [80, 60])
def test_a_check_on_a_terminal_draws_the_last_60_runs(world: World, cols: int) -> None:
    alice = world.operator("alice")
    directory = apps(world.root / "d", *[100 + run % 3 for run in range(70)], 60)
    command = alice.command("--no-color", "spike", "check", directory)
    with Terminal(command, cols=cols, rows=30, env=clean_environment()) as terminal:
        shown = terminal.wait_for("X alarm (1)")
        assert "Values of d, the last 60 runs" in shown
        assert "2026-03-12" in shown
        assert terminal.wait_end() == 1


def test_one_of_several_metrics_is_judged_and_drawn(world: World) -> None:
    alice = world.operator("alice")
    series = world.root / "s.csv"
    rows = [f"{START + dt.timedelta(run)},{100 + run % 3},{50 + run % 2}" for run in range(20)]
    series.write_text("\n".join(["day,apps,tags", *rows, "2026-01-21,100,20"]) + "\n")
    whole = alice.done("spike", "backtest", series)
    assert whole[-1]["reason"].startswith("tags: 20 is ")
    tags = alice.done("spike", "backtest", series, "--column", "tags")
    assert (tags[-1]["state"], tags[-1]["value"]) == ("anomaly", 20)
    assert alice.done("spike", "backtest", series, "--column", "apps")[-1]["state"] == "normal"
    refused = alice.verb("spike", "backtest", series, "--column", "users")
    assert refused.data["error"] | {"code": ""} == {
        "code": "", "message": "There is no metric 'users'.", "hint": "There are: apps, tags.",
    }  # fmt: skip


def test_every_metric_of_a_wide_file_is_judged_on_its_own(world: World) -> None:
    alice = world.operator("alice")
    series = world.root / "wide.csv"
    names = ["day", *(f"package-{number}" for number in range(1000)), "note"]
    lines = [",".join(names)]
    for run in range(30):
        values = [1000 + number + run % 3 for number in range(1000)]
        values[7] = 0 if run == 29 else values[7]
        values[9] = 500 if run == 20 else values[9]
        lines.append(",".join([str(START + dt.timedelta(run)), *map(str, values), "text"]))
    series.write_text("\n".join(lines) + "\n")
    found = alice.done("spike", "backtest", series, "--each")
    assert len(found) == 1000
    assert found[0] == {
        "metric": "package-7", "runs": 30, "state": "zero", "alarms": ["2026-01-30"], "unfit": False,
    }  # fmt: skip
    assert [one["metric"] for one in found if one["alarms"]] == ["package-7", "package-9"]
    wide = world.root / "controls"
    wide.mkdir()
    for run in range(12):
        cells = [str(500 + number + (run == 11 and number == 900) * 400) for number in range(1000)]
        text = ",".join(names[1:-1]) + "\n" + ",".join(cells) + "\n"
        (wide / f"control-{START + dt.timedelta(run)}.csv").write_text(text)
    found = alice.done("spike", "backtest", wide, "--each")
    assert len(found) == 1000
    assert [(one["metric"], one["state"]) for one in found if one["alarms"]] == [("package-900", "high")]
    controls = apps(world.root / "d", *[100] * 9, 50)
    assert alice.done("spike", "backtest", controls, "--each")[0]["alarms"] == ["control-2026-01-10.csv"]


@pytest.mark.parametrize(
    ("words", "what"),
    [
        (["--each", "--method", "classic"], "--each judges every metric by the default method"),
        (["--each", "--column", "x"], "--each judges every metric by the default method"),
        (["--each"], "no names in its first row"),
        (["--sensitivity", "extreme"], "'extreme' is not a sensitivity"),
    ],
)
def test_wrong_usage_of_the_backtest_is_a_sentence(world: World, words: list[str], what: str) -> None:
    series = world.root / "s.csv"
    series.write_text("1\n2\n3\n")
    answer = world.operator("alice").verb("spike", "backtest", series, *words)
    assert answer.status == 2
    assert what in answer.data["error"]["message"]


def test_a_check_and_a_run_say_what_an_anomaly_changed(world: World) -> None:
    alice = world.operator("alice")
    directory = apps(world.root / "d", *[100] * 9, 50)
    shown = subprocess.run(
        alice.command("spike", "check", directory),
        env=clean_environment(), capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert shown.returncode == 1
    assert "  Rows: 100 before, 50 after; 0 added, 50 removed, 50 changed." in shown.stdout
    definition = (
        "Name: t\nData: {Local: data}\n"
        "Commands: [{Name: go, Command: sh, Script: go.sh, Arguments: [{Name: n}, {Name: v}]}]\n"
    )
    script = 'mkdir -p data; echo "$2" >"data/control-$1.csv"; seq "$2" | sed "s/^/row /" >"data/s-$1.csv"\n'
    url = world.tool("t", {"mao.yml": definition, "go.sh": script})
    alice.done("tool", "add", "t", "--code-repo", url, "--data-repo", world.bare("t-data"))
    alice.done("tool", "install", "t", "--trust")
    for number in range(1, 5):
        run = alice.done(
            "tool", "run", "t", "go", f"2026-01-0{number}", 50 if number == 4 else 90, "--no-sync"
        )
    assert run["verdict"]["state"] == "anomaly"
    assert run["report"].splitlines()[-2:] == [
        "Changed from s-2026-01-03.csv, the last good snapshot, to s-2026-01-04.csv:",
        "  Rows: 90 before, 50 after; 0 added, 40 removed, 0 changed.",
    ]


@pytest.mark.skipif(not days(), reason=f"the recorded days are not at {DATA}")
@pytest.mark.parametrize("cols", [80, 60])
def test_real_days_on_the_screen(world: World, cols: int) -> None:
    alice = world.operator("alice")
    clone = alice.home / "imports" / "datasets" / "aws-sar"
    clone.mkdir(parents=True)
    world.git(clone, "init", "--quiet", "--initial-branch=main")
    shutil.copytree(DATA, clone / "autostats")
    world.commit(clone)
    with launcher(world, alice.home, cols=cols) as terminal:
        choose(terminal, "Data", "History of a stream")
        terminal.wait_for("a local clone or a directory")
        terminal.press("enter")
        shown = terminal.wait_for("draw changes")
        assert "2018-07-10" in shown
        assert "X empty (2)" in shown
        assert "» 2019-09-28   626      2        2       75" in shown
        terminal.send("/2019-07-24")
        terminal.wait_for("» 2019-07-24     0")
