"""Jobs that new data of peers calls for: once a commit, with the changed rows as input, never in a loop."""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.session.running import scheduler
from tests.session.world import Operator, World

COLLECT = {
    "mao.yml": "Name: {name}\nData: {{Local: data}}\nCommands: [{{Name: go, Command: sh, Script: go.sh}}]\n",
    "go.sh": 'mkdir -p data; cp -r "${ROFORLMAO_INPUT:-/nowhere}" seen-$(date +%s%N); '
    'date +%s%N > "data/{name}-$(date +%s%N).csv"\n',
}
MONDAY = "name,stars\na,1\nb,2\nc,3\n"
TUESDAY = "name,stars\na,1\nb,5\nc,3\nd,4\n"


def collector(world: World, operator: Operator, name: str) -> Operator:
    """An installed tool that keeps what it is given as ``seen-*`` and leaves a file of its own."""
    files = {path: text.format(name=name) if path == "mao.yml" else text for path, text in COLLECT.items()}
    files["go.sh"] = files["go.sh"].replace("{name}", name)
    operator.done(
        "tool",
        "add",
        name,
        "--code-repo",
        world.tool(name, files),
        "--data-repo",
        world.bare(f"{name}-data"),
    )
    operator.done("tool", "install", name, "--trust")
    polls(operator, "1s")
    return operator


def polls(operator: Operator, every: str) -> None:
    config = operator.home / "config.yaml"
    kept = [line for line in config.read_text().splitlines() if not line.startswith("schedule:")]
    config.write_text("\n".join([*kept, f"schedule: {{poll: {every}}}", ""]))


class Peer:
    """Somebody who publishes days of data with plain git, and announces them."""

    def __init__(self, world: World, name: str = "bob") -> None:
        self.operator, self.world = world.operator(name), world
        self.url = world.bare(f"{name}-days")
        self.clone = world.root / f"{name}-clone"
        world.git(world.root, "clone", "--quiet", self.url, str(self.clone))

    def publish(self, files: dict[str, str], message: str = "sync 2026-11-01") -> str:
        self.world.write(self.clone, files)
        self.world.commit(self.clone, message)
        self.world.git(self.clone, "push", "--quiet", "origin", "HEAD:main")
        return self.world.git(self.clone, "rev-parse", "HEAD")

    def announce(self, day: str, files: dict[str, str]) -> str:
        """As a launcher does it."""
        self.world.write(self.clone, files)
        self.operator.done("dataset", "sync", self.clone, "--hub", "h")
        return self.world.git(self.clone, "rev-parse", "HEAD")


@pytest.fixture
def alice(world: World) -> Operator:
    return collector(world, world.operator("alice"), "reader")


def inputs(operator: Operator, tool: str = "reader") -> list[Path]:
    return sorted((operator.home / "imports" / "tools" / tool).glob("seen-*"))


def told(place: Path) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = json.loads((place / "input.json").read_text())
    return found


def test_a_commit_to_a_dataset_gives_the_tool_its_changed_rows_once(alice: Operator, world: World) -> None:
    bob = Peer(world)
    first = bob.publish({"days/2026-11-01.csv": MONDAY, "old.csv": "k\n1\n"})
    bob.operator.done("dataset", "add", "days", bob.url)
    job = alice.done("tool", "schedule", "reader", "--when-dataset", "days", "--gap", "1s")
    assert (job["rule"], job["next_run"]) == ("on commits to the dataset days", None)
    second = bob.publish({"days/2026-11-02.csv": TUESDAY, "old.csv": "k\n1\n2\n"})
    with scheduler(alice) as running:
        assert running.wait_for("heard", 20)["triggers"] == [{"source": "days", "commit": second}]
        assert running.wait_for("finished", 20)["state"] == "succeeded"
    noted = {one["name"]: one for one in alice.done("scheduler", "status")["routines"]}
    assert noted["event triggers"]["outcome"] == "1 source of job j1 looked at"
    assert noted["event triggers"]["next_run"] > noted["event triggers"]["last_run"]
    [given] = inputs(alice)
    [source] = told(given)
    assert (source["dataset"], source["before"], source["commit"]) == ("days", first, second)
    assert [(one["path"], one["compared_with"], one["added"], one["changed"]) for one in source["files"]] == [
        ("days/2026-11-02.csv", "days/2026-11-01.csv", 1, 1),
        ("old.csv", "old.csv", 1, 0),
    ]
    assert (given / "days/added/days/2026-11-02.csv").read_text() == "name,stars\nd,4\n"
    assert (given / "days/changed/days/2026-11-02.csv").read_text() == "name,stars\nb,5\n"
    assert (given / "days/snapshot/days/2026-11-02.csv").read_text() == TUESDAY
    assert (given / "days/added/old.csv").read_text() == "k\n2\n"
    assert (given / "days/snapshot/old.csv").stat().st_mode & 0o222 == 0
    assert list((alice.home / "state" / "inputs").iterdir()) == []
    with scheduler(alice) as again:  # a restart does not hear it once more, but what came meanwhile
        third = bob.publish({"days/2026-11-03.csv": TUESDAY})
        assert again.wait_for("heard", 20)["triggers"] == [{"source": "days", "commit": third}]
        again.wait_for("finished", 20)
    assert len(inputs(alice)) == 2
    assert [run["state"] for run in alice.done("run", "list")] == ["succeeded"] * 2


def test_an_announcement_of_a_peer_calls_within_seconds_and_one_s_own_does_not(
    alice: Operator, world: World
) -> None:
    polls(alice, "1h")  # so that it is the registry's watch that tells
    bob = Peer(world)
    bob.announce("2026-11-01", {"2026-11-01.csv": MONDAY})
    alice.done("tool", "schedule", "reader", "--when-hub", "h", "--gap", "1s")
    with scheduler(alice) as running:
        running.wait_for("firing", 20)
        mine = Peer(world, "own")
        mine.operator = alice
        mine.announce("2026-11-02", {"own.csv": MONDAY})
        commit = bob.announce("2026-11-02", {"2026-11-02.csv": TUESDAY})
        heard = running.wait_for("heard", 20)
        assert heard["triggers"] == [{"source": "bob", "commit": commit}]
        assert running.wait_for("finished", 20)["state"] == "succeeded"
    [given] = inputs(alice)
    assert [(source["hub"], source["directory"]) for source in told(given)] == [("h", "bob")]
    assert (given / "bob/added/2026-11-02.csv").read_text() == "name,stars\nd,4\n"


def test_what_comes_too_soon_joins_the_slot_that_waits(alice: Operator, world: World) -> None:
    bob = Peer(world)
    first = bob.publish({"a.csv": MONDAY})
    bob.operator.done("dataset", "add", "days", bob.url)
    alice.done("tool", "schedule", "reader", "--when-dataset", "days", "--gap", "8s")
    with scheduler(alice) as running:
        running.wait_for("firing", 20)
        bob.publish({"a.csv": TUESDAY})
        running.wait_for("finished", 20)
        second = bob.publish({"b.csv": MONDAY})
        assert running.wait_for("heard", 20)["coalesced"] is False
        third = bob.publish({"c.csv": MONDAY})
        assert running.wait_for("heard", 20)["coalesced"] is True
        running.wait_for("finished", 30)
    one, two = inputs(alice)
    assert told(one)[0]["before"] == first
    assert [one["path"] for one in told(two)[0]["files"]] == ["b.csv", "c.csv"]
    assert told(two)[0]["commit"] == third != second


def test_two_operators_whose_jobs_call_for_each_other_stop_at_the_loop(world: World) -> None:
    alice, bob = (collector(world, world.operator(name), f"{name}-tool") for name in ("alice", "bob"))
    seed = Peer(world, "carol")
    for operator, source, target in ((alice, "h", "g"), (bob, "g", "h")):
        name = f"{operator.name}-tool"
        operator.done(
            "tool", "schedule", name, "--when-hub", source, "--gap", "1s", "--hub", target, "--sync"
        )
    with scheduler(alice) as one, scheduler(bob) as two:
        one.wait_for("firing", 20)
        two.wait_for("firing", 20)
        seed.announce("2026-11-01", {"2026-11-01.csv": MONDAY})
        assert one.wait_for("finished", 30)["state"] == "succeeded"
        assert two.wait_for("finished", 30)["state"] == "succeeded"
        looped = one.wait_for("finished", 30)
        assert looped["state"] == "skipped"
        assert looped["reason"] == "a loop: alice/alice-tool <- bob/bob-tool <- alice/alice-tool"
    [ran] = alice.done("run", "list")
    assert ran["triggered_by"] == []
    [ran] = bob.done("run", "list")
    assert ran["triggered_by"] == ["alice/alice-tool"]


def test_a_source_that_is_not_there_is_said_when_the_job_is_made(alice: Operator, world: World) -> None:
    answer = alice.verb("tool", "schedule", "reader", "--when-dataset", "nothing")
    assert (answer.status, answer.data["error"]["code"]) == (2, "not-found")
    for words in (("daily", "--when-hub", "h"), ("--when-hub", "h", "--when-dataset", "d"), ("--gap", "5s")):
        assert alice.verb("tool", "schedule", "reader", *words).status == 2, words
    assert alice.done("tool", "list-scheduled") == []


def test_a_source_that_goes_away_is_told_once_and_what_came_is_not_lost(
    alice: Operator, world: World
) -> None:
    bob = Peer(world)
    bob.publish({"a.csv": MONDAY})
    bob.operator.done("dataset", "add", "days", bob.url)
    alice.done("tool", "schedule", "reader", "--when-dataset", "days", "--gap", "1s")
    remote, away = Path(bob.url.removeprefix("file://")), world.root / "away"
    remote.rename(away)
    with scheduler(alice) as running:
        assert "cannot listen to its source" in running.wait_for("trouble", 20)["text"]
        away.rename(remote)
        bob.publish({"a.csv": TUESDAY})
        running.wait_for("finished", 20)
        assert [event["event"] for event in running.told].count("trouble") == 1
    assert told(inputs(alice)[0])[0]["files"][0]["added"] == 1


@pytest.fixture
def watchdog() -> Iterator[tuple[str, list[str], threading.Event]]:
    """An HTTP server on loopback: its URL, the paths it was asked for, and whether it answers."""
    from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

    asked: list[str] = []
    answers = threading.Event()
    answers.set()

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            asked.append(self.path)
            answers.wait(20)
            self.send_response(200)
            self.end_headers()

        def log_message(self, *_: object) -> None: ...

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        server.daemon_threads = True
        thread = threading.Thread(target=server.serve_forever, daemon=True)
        thread.start()
        yield f"http://127.0.0.1:{server.server_port}/ping/abc?rid=1", asked, answers
        answers.set()
        server.shutdown()
        thread.join(5)


def test_a_watchdog_hears_of_start_success_and_the_exit_status(
    alice: Operator, world: World, watchdog: tuple[str, list[str], threading.Event]
) -> None:
    url, asked, _ = watchdog
    files = {
        "mao.yml": "Name: pinged\nData: {Local: data}\nCommands: [{Name: go, Command: sh, Script: go.sh}]\n",
        "go.sh": "test -e once && exit 7; touch once\n",
    }
    alice.done("tool", "add", "pinged", "--code-repo", world.tool("pinged", files))
    alice.done("tool", "install", "pinged", "--trust")
    alice.done("tool", "schedule", "pinged", "--every", "1s", "--ping", url)
    with scheduler(alice) as running:
        assert running.wait_for("finished", 20)["state"] == "succeeded"
        assert running.wait_for("finished", 20)["state"] == "failed"
        running.process.terminate()
        running.wait_for("ended", 10)
    assert asked[:4] == [f"/ping/abc{what}?rid=1" for what in ("/start", "", "/start", "/7")]


def test_a_watchdog_that_does_not_answer_holds_up_no_job_and_is_noticed(
    alice: Operator, watchdog: tuple[str, list[str], threading.Event]
) -> None:
    url, asked, answers = watchdog
    answers.clear()
    alice.done("tool", "schedule", "reader", "--every", "1s", "--ping", url)
    with scheduler(alice) as running:
        for _ in range(3):
            assert running.wait_for("finished", 10)["state"] == "succeeded"
        assert len(asked) < 3
        deadline = time.monotonic() + 10
        while not (notices := alice.done("notification", "list")):
            assert time.monotonic() < deadline
            time.sleep(0.1)
        running.process.terminate()
        running.process.wait(10)
    assert "does not take pings" in notices[0]["text"]


@pytest.mark.parametrize("url", ["ftp://h/x", "https://u:p@h/x", "http://", "javascript:1", "https://h/x#y"])
def test_what_is_no_url_of_a_watchdog_is_refused(alice: Operator, url: str) -> None:
    answer = alice.verb("tool", "schedule", "reader", "daily", "--ping", url)
    assert (answer.status, answer.data["error"]["code"]) == (2, "bad-input")
