"""A watchdog on the web is told how jobs go, and holds up none of them."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator

import pytest

from roforlmao.paths import Places
from roforlmao.tools import runlock
from tests.session.peers import MONDAY, Peer, collector
from tests.session.running import scheduler
from tests.session.world import Operator, World


@pytest.fixture
def alice(world: World) -> Operator:
    return collector(world, world.operator("alice"), "reader")


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
    world.script(alice, "pinged", "test -e once && exit 7; touch once\n")
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


@pytest.mark.parametrize("rule", [("--every", "1s"), ("--when-hub", "h")], ids=["clock", "event"])
def test_while_its_tool_is_at_work_by_hand_a_slot_waits_and_the_watchdog_hears_nothing(
    alice: Operator, world: World, watchdog: tuple[str, list[str], threading.Event], rule: tuple[str, str]
) -> None:
    url, asked, _ = watchdog
    alice.done("tool", "schedule", "reader", *rule, "--ping", url)
    Peer(world).announce({"a.csv": MONDAY})
    places = Places(alice.home / "state", alice.home / "imports", alice.home)
    with runlock.running("reader", places), scheduler(alice) as running:
        assert running.wait_for("waiting", 20)["text"].endswith("its tool is at work elsewhere.")
        running.process.terminate()
        running.wait_for("ended", 10)
        assert "finished" not in {told["event"] for told in running.told}
    assert asked == []


@pytest.mark.parametrize("url", ["ftp://h/x", "https://u:p@h/x", "http://", "javascript:1", "https://h/x#y"])
def test_what_is_no_url_of_a_watchdog_is_refused(alice: Operator, url: str) -> None:
    answer = alice.verb("tool", "schedule", "reader", "daily", "--ping", url)
    assert (answer.status, answer.data["error"]["code"]) == (2, "bad-input")
