"""A large federation on a three-member cluster: what an operator waits for, as verbs and in the open menu.

100,000 announcements, 1,000 tools and 200 members; the demands are those of the project (no peer shows
such a thing). The first load is that of an empty home; after it each verb is a process of its own, from
its start to its end, and each menu page is timed from the Enter that opens it until it stands on an
80 x 24 terminal. Medians.

    .venv/bin/python bench/federation_scale.py [TIMES]
"""

from __future__ import annotations

import os
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Final, NamedTuple

ROOT: Final = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))  # runs from any directory, without being installed

from bench.startup import until_menu  # noqa: E402  (after the path is set)
from roforlmao.registry.base import Session  # noqa: E402  (as above)
from roforlmao.registry.etcd import EtcdRegistry  # noqa: E402  (as above)
from tests.contract.etcdcluster import Cluster, config, running  # noqa: E402  (as above)
from tests.contract.manyentries import Federation  # noqa: E402  (as above)
from tests.screens.terminal import Terminal  # noqa: E402  (as above)
from tests.session.test_menus import MENU  # noqa: E402  (as above)
from tests.session.world import clean_environment  # noqa: E402  (as above)

LARGE: Final = Federation(hubs=10, days=1000, operators=10, tools=1000, members=200)
HUB: Final = "hub3"
TIMES: Final = 5
FIRST_S: Final = 5.0
GROWTH_MB: Final = 150.0
LATER_S: Final = 1.0
MENU_S: Final = 0.4
VERBS: Final = (
    ("hub", "list"),
    ("hub", "dates", HUB),
    ("hub", "operators", HUB, LARGE.newest),
    ("hub", "calendar", HUB),
    ("hub", "calendar", HUB, "--month", LARGE.newest[:7]),
    ("member", "list"),
    ("tool", "get"),
    ("tool", "get", "tool-0777"),
)


class Table:
    """Prints each figure beside its demand, and remembers what was missed."""

    def __init__(self) -> None:
        self.missed: list[str] = []

    def row(self, what: str, value: float, limit: float, unit: str = "s", note: str = "") -> None:
        digits = 2 if unit == "s" else 0
        held = value <= limit
        self.missed += [] if held else [what]
        print(
            f"{what:62} {value:8.{digits}f} {unit:2}  (at most {limit:g}){note}{'' if held else '  MISSED'}",
            flush=True,
        )


class Taken(NamedTuple):
    """Seconds from start to end, those of them that it was at work, and the peak of its memory in MB."""

    seconds: float
    work_s: float
    peak_mb: float

    @property
    def note(self) -> str:
        return f", {self.work_s:.2f} s of work"


class Home:
    """A launcher's home on the cluster."""

    def __init__(self, root: Path, name: str, cluster: Cluster, namespace: str = "/mao/") -> None:
        self.path = root / name
        self.path.mkdir()
        etcd = f"etcd: {{endpoints: {list(cluster.endpoints)}}}"
        (self.path / "config.yaml").write_text(
            f"operator: {name}\nregistry: {{backend: etcd, namespace: {namespace}, {etcd}}}\n"
        )

    def command(self, *words: str) -> list[str]:
        return [sys.executable, str(ROOT / "launcher.py"), "--home", str(self.path), *words]

    def verb(self, *words: str) -> Taken:
        began = time.perf_counter()
        process = subprocess.Popen(self.command(*words), stdout=subprocess.DEVNULL, stderr=subprocess.PIPE)
        _, status, used = os.wait4(process.pid, 0)
        taken = time.perf_counter() - began
        process.returncode = os.waitstatus_to_exitcode(status)
        said = process.stderr.read().decode() if process.stderr else ""
        assert process.returncode == 0, f"{words}: {said}"
        return Taken(taken, used.ru_utime + used.ru_stime, used.ru_maxrss / 1000)

    def menu(self) -> Terminal:
        return Terminal(self.command(), env=clean_environment(), cwd=ROOT)


def verbs(home: Home, empty: Home, table: Table, times: int) -> None:
    nothing = empty.verb("hub", "list")  # of a namespace with nothing in it
    first = home.verb("hub", "list")
    table.row("first load, `hub list` as a verb", first.seconds, FIRST_S, note=first.note)
    table.row("its memory over that of an empty namespace", first.peak_mb - nothing.peak_mb, GROWTH_MB, "MB")
    for words in VERBS:
        taken = sorted(home.verb(*words) for _ in range(times))[times // 2]
        table.row(f"`{' '.join(words)}`", taken.seconds, LATER_S, note=taken.note)


ASKS: Final = "Esc goes back"


def shown(terminal: Terminal, keys: str, text: str) -> float:
    """Seconds from the keys until the text is written anew."""
    before, began = len(terminal.raw), time.perf_counter()
    terminal.send(keys)
    terminal.wait_until(lambda: text.encode() in terminal.raw[before:], 30, text)
    return time.perf_counter() - began


def enter(terminal: Terminal, title: str, text: str = ASKS) -> float:
    """Seconds from choosing an entry until the text is there."""
    terminal.send(title)
    terminal.wait_for(f"/ {title}")
    return shown(terminal, "\r", text)


def back(terminal: Terminal, pages: int = 1) -> None:
    for _ in range(pages):
        terminal.wait_until(lambda: terminal.screen().splitlines()[-1].startswith("ann"))
        shown(terminal, "\x1b", ASKS)


def hub_list(terminal: Terminal) -> float:
    enter(terminal, "Hubs")
    taken = enter(terminal, "Hubs", "Again:")
    back(terminal)
    return taken


def calendar(terminal: Terminal) -> float:
    enter(terminal, "Hubs")
    enter(terminal, "Calendar of a hub")
    taken = enter(terminal, HUB, LARGE.newest)
    shown(terminal, "\x1b", "Again:")
    back(terminal)
    return taken


def members(terminal: Terminal) -> float:
    enter(terminal, "Federation")
    taken = enter(terminal, "Who is here", "Again:")
    back(terminal)
    return taken


def search(terminal: Terminal) -> float:
    """A tool among all, by some letters of its name."""
    enter(terminal, "Tools")
    opened = enter(terminal, "Install a tool")
    found = shown(terminal, "0777", "tool-0777")
    back(terminal, 2)
    return opened + found


PAGES: Final = {"hub list": hub_list, "calendar": calendar, "members": members, "search of a tool": search}


def pages(home: Home, table: Table, times: int, when: str) -> int:
    """The most memory that the menus took, in kB."""
    with home.menu() as terminal:
        terminal.wait_for(MENU)
        terminal.wait_for("away" if when == "away" else "etcd registry", 30)
        for name, page in PAGES.items():
            taken = statistics.median(page(terminal) for _ in range(times))
            table.row(
                f"{name} in the menu{' with the registry away' if when == 'away' else ''}", taken, LATER_S
            )
        return peak_kb(terminal)


def peak_kb(terminal: Terminal) -> int:
    status = Path(f"/proc/{terminal.pid}/status").read_text()
    return int(status.partition("VmHWM:")[2].split()[0])


def menus(home: Home, empty: Home, table: Table, times: int) -> None:
    with empty.menu() as terminal:
        terminal.wait_for("etcd registry", 30)
        hub_list(terminal)
        nothing = peak_kb(terminal)
    grown = pages(home, table, times, "there") - nothing
    table.row("memory of the menus over those of an empty namespace", grown / 1000, GROWTH_MB, "MB")


def without(cluster: Cluster, home: Home, table: Table, times: int) -> None:
    """The cluster hangs, has lost its majority, is gone."""

    def first_menu(state: str) -> None:
        quickest = min(until_menu(str(home.path)) for _ in range(times))
        table.row(f"first menu, the registry {state}", quickest, MENU_S)

    for server in cluster.servers:
        server.pause()
    pages(home, table, times, "away")
    first_menu("hangs")
    for server in cluster.servers:
        server.resume()
    for server in cluster.servers[1:]:
        server.kill()
    first_menu("has lost its majority")
    cluster.servers[0].kill()
    first_menu("is gone")


def news(home: Home, registry: EtcdRegistry, table: Table) -> None:
    """What a peer changes is seen by the next verb."""
    registry.put(f"/mao/hubs/a-new-hub/{LARGE.newest}/peer", b"https://git.example.org/new.git")
    after = home.verb("hub", "list")
    table.row("`hub list` after a peer announced", after.seconds, LATER_S, note=after.note)
    registry.delete(f"/mao/hubs/{HUB}/{LARGE.newest}/operator-030")
    after = home.verb("hub", "list")
    table.row("`hub list` after an announcement was deleted", after.seconds, LATER_S, note=after.note)


def fill(registry: EtcdRegistry) -> Session:
    session = registry.session(60)
    began = time.perf_counter()
    LARGE.populate(registry, session.lease)
    print(
        f"{LARGE.announcements:,} announcements, {LARGE.tools:,} tools, {LARGE.members} members "
        f"written in {time.perf_counter() - began:.0f} s",
        flush=True,
    )
    return session


def main() -> int:
    times = int(sys.argv[1]) if len(sys.argv) > 1 else TIMES
    table = Table()
    with tempfile.TemporaryDirectory() as name, running(Path(name)) as cluster:
        root = Path(name)
        registry = EtcdRegistry(config(*cluster.endpoints))
        empty, home = Home(root, "anna", cluster, "/none/"), Home(root, "ann", cluster)
        with fill(registry):
            verbs(home, empty, table, times)
            news(home, registry, table)
            menus(home, empty, table, times)
        registry.close()
        without(cluster, home, table, times)
    if table.missed:
        print(f"missed: {', '.join(table.missed)}")
    return 1 if table.missed else 0


if __name__ == "__main__":
    sys.exit(main())
