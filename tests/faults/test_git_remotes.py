"""Real remotes: on disk, by http with and without a login, by ssh, absent, silent, unknown."""

from __future__ import annotations

import socket
import subprocess
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path

import psutil
import pytest

from roforlmao.errors import BadInput, Cancelled, GitFailed, Unreachable
from roforlmao.git.clone import clone, clone_or_update, reachable, update
from roforlmao.git.sync import publish
from tests.faults.gitrepos import Counting, files_at, git, remote_with, sync, write
from tests.faults.gitservers import (
    PASSWORD,
    USER,
    free_port,
    http_server,
    silent_server,
    ssh_server,
    sshd_program,
)

needs_sshd = pytest.mark.skipif(sshd_program() is None, reason="sshd is absent (apt install openssh-server)")


pytestmark = pytest.mark.usefixtures("home")


@pytest.fixture(params=["file", "path", "http", pytest.param("ssh", marks=needs_sshd)])
def remote(
    request: pytest.FixtureRequest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Iterator[tuple[Path, str]]:
    """A remote of one file: its directory and its URL."""
    place = tmp_path / "served" / "data.git"
    remote_with(place, {"a.csv": "1\n"})
    if request.param == "http":
        with http_server(place.parent) as url:
            yield place, f"{url}/data.git"
    elif request.param == "ssh":
        with ssh_server(tmp_path / "sshd") as (url, command, _):
            monkeypatch.setenv("GIT_SSH_COMMAND", command)
            yield place, f"{url}{place}"
    else:
        yield place, f"file://{place}" if request.param == "file" else str(place)


def test_two_operators_meet_on_every_kind_of_remote(remote: tuple[Path, str], tmp_path: Path) -> None:
    place, url = remote
    reachable(url, local=True)
    for operator in ("alice", "bob"):
        assert clone_or_update(url, tmp_path / operator, local=True)[1] == "cloned"
        write(tmp_path / operator, {f"{operator}.csv": "1\n2\n"})
    assert not sync(tmp_path / "alice", "alice").merged
    assert sync(tmp_path / "bob", "bob").merged
    assert set(files_at(place)) == {"a.csv", "alice.csv", "bob.csv"}
    assert clone_or_update(url, tmp_path / "alice", local=True)[1] == "pulled"
    assert (tmp_path / "alice" / "bob.csv").read_text() == "1\n2\n"


def test_a_login_that_is_missing_is_said_and_never_asked_for(tmp_path: Path) -> None:
    remote_with(tmp_path / "served" / "data.git", {"a.csv": "1\n"})
    with http_server(tmp_path / "served", login=True) as url:
        for action in (
            lambda: reachable(f"{url}/data.git"),
            lambda: clone(f"{url}/data.git", tmp_path / "clone", local=False),
        ):
            started = time.monotonic()
            with pytest.raises(Unreachable, match="Authentication failed") as caught:
                action()
            assert time.monotonic() - started < 5
            assert "credential helper" in caught.value.hint
    assert not (tmp_path / "clone").exists()


def test_the_operators_credential_helper_is_used_and_its_password_never_shown(
    tmp_path: Path, home: Path
) -> None:
    place = tmp_path / "served" / "data.git"
    remote_with(place, {"a.csv": "1\n"})
    with (home / ".gitconfig").open("a") as handle:
        handle.write(f'[credential]\n helper = "!echo username={USER}; echo password={PASSWORD}; :"\n')
    with http_server(place.parent, login=True) as url:
        clone(f"{url}/data.git", tmp_path / "clone", local=False)
        write(tmp_path / "clone", {"b.csv": "2\n"})
        sync(tmp_path / "clone", "alice")
        git(
            tmp_path / "clone", "remote", "set-url", "origin", url.replace("//", "//me:hidden@") + "/gone.git"
        )
        with pytest.raises(Unreachable) as caught:
            update(tmp_path / "clone")
    assert "hidden" not in caught.value.message + caught.value.hint
    assert set(files_at(place)) == {"a.csv", "b.csv"}


@needs_sshd
def test_ssh_says_what_is_wrong_with_host_key_or_own_key(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    remote_with(tmp_path / "data.git", {"a.csv": "1\n"})
    with ssh_server(tmp_path / "sshd") as (url, command, stranger):
        monkeypatch.setenv("GIT_SSH_COMMAND", stranger)
        with pytest.raises(Unreachable, match=r"host key .* is not known") as caught:
            reachable(f"{url}{tmp_path}/data.git")
        assert "fingerprint" in caught.value.hint
        monkeypatch.setenv("GIT_SSH_COMMAND", command.replace("/client", "/host"))
        with pytest.raises(Unreachable, match="did not accept your ssh key"):
            reachable(f"{url}{tmp_path}/data.git")
        monkeypatch.setenv("GIT_SSH_COMMAND", command)
        with pytest.raises(Unreachable, match="no repository"):
            reachable(f"{url}{tmp_path}/absent.git")


def test_absent_hosts_ports_and_repositories_each_have_their_sentence(tmp_path: Path) -> None:
    (tmp_path / "served").mkdir()
    with http_server(tmp_path / "served") as url:
        cases = {
            f"{url}/absent.git": "no repository",
            f"http://127.0.0.1:{free_port()}/x.git": "Nothing answers",
            "https://no-such-host.invalid/x.git": "has no address",
            f"{tmp_path}/nowhere.git": "no repository",
        }
        for address, sentence in cases.items():
            with pytest.raises(Unreachable, match=sentence):
                reachable(address, local=True)


def test_a_url_that_is_not_allowed_never_reaches_git(tmp_path: Path) -> None:
    for url in ("ext::sh -c touch% /tmp/x", "--upload-pack=touch", "file:///etc"):
        with pytest.raises(BadInput):
            clone(url, tmp_path / "clone", local=False)
        with pytest.raises(BadInput):
            reachable(url)


def test_a_silent_server_is_given_up_in_time_and_leaves_nothing(tmp_path: Path) -> None:
    with silent_server() as port:
        for scheme in ("git", "http", "ssh"):
            url = f"{scheme}://127.0.0.1:{port}/x.git"
            started = time.monotonic()
            with pytest.raises(Unreachable, match="did not answer within"):
                reachable(url, timeout=0.5)
            with pytest.raises(Unreachable, match="did not answer within"):
                clone(url, tmp_path / "in" / "clone", local=False, silence=0.5)
            assert time.monotonic() - started < 6
    assert list((tmp_path / "in").iterdir()) == []
    assert children() == []


def test_a_push_into_silence_is_given_up_and_the_commit_is_kept(tmp_path: Path) -> None:
    url = remote_with(tmp_path / "r.git", {"a.csv": "1\n"})
    clone(url, tmp_path / "c", local=True)
    write(tmp_path / "c", {"b.csv": "1\n"})
    with silent_server() as port:
        git(tmp_path / "c", "remote", "set-url", "origin", f"git://127.0.0.1:{port}/x.git")
        git(tmp_path / "c", "add", "b.csv")
        git(tmp_path / "c", "commit", "-qm", "mine")
        with pytest.raises(Unreachable, match="did not answer"):
            publish(tmp_path / "c", "alice", silence=0.5)
    git(tmp_path / "c", "remote", "set-url", "origin", url)
    publish(tmp_path / "c", "alice")
    assert "b.csv" in files_at(tmp_path / "r.git")


@pytest.mark.parametrize("work", ["clone", "push"])
def test_a_cancel_ends_the_transfer_and_its_processes_within_five_seconds(tmp_path: Path, work: str) -> None:
    url = remote_with(tmp_path / "r.git", {"a.csv": "1\n"})
    clone(url, tmp_path / "c", local=True)
    write(tmp_path / "c", {"b.csv": "1\n"})
    git(tmp_path / "c", "add", "b.csv")
    git(tmp_path / "c", "commit", "-qm", "mine")
    progress = Counting()
    actions: dict[str, Callable[[str], object]] = {
        "clone": lambda url: clone(url, tmp_path / "in" / "clone", progress, local=False),
        "push": lambda _: publish(tmp_path / "c", "alice", progress),
    }
    with silent_server() as port:
        silent = f"git://127.0.0.1:{port}/x.git"
        git(tmp_path / "c", "remote", "set-url", "origin", silent)
        timer = threading.Timer(0.3, progress.cancel)
        timer.start()
        started = time.monotonic()
        with pytest.raises(Cancelled):
            actions[work](silent)
        assert time.monotonic() - started < 5
        timer.join()
    assert children() == []
    assert not (tmp_path / "in").exists() or list((tmp_path / "in").iterdir()) == []


def test_a_cut_connection_leaves_no_clone(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as listening:

        def cut() -> None:
            connection, _ = listening.accept()
            connection.recv(1000)
            connection.close()

        thread = threading.Thread(target=cut)
        thread.start()
        url = f"git://127.0.0.1:{listening.getsockname()[1]}/x.git"
        with pytest.raises(Unreachable, match="broke off"):
            clone(url, tmp_path / "in" / "clone", local=False)
        thread.join()
    assert list((tmp_path / "in").iterdir()) == []


def test_a_remote_that_refuses_is_quoted_and_the_commit_is_kept(tmp_path: Path) -> None:
    url = remote_with(tmp_path / "r.git", {"a.csv": "1\n"})
    hook = tmp_path / "r.git" / "hooks" / "pre-receive"
    hook.write_text("#!/bin/sh\necho 'no data on Sundays \033[31m'\nexit 1\n")
    hook.chmod(0o755)
    clone(url, tmp_path / "c", local=True)
    write(tmp_path / "c", {"b.csv": "1\n"})
    with pytest.raises(GitFailed, match="no data on Sundays") as caught:
        sync(tmp_path / "c", "alice")
    assert "\033" not in caught.value.message
    hook.unlink()
    sync(tmp_path / "c", "alice")
    assert files_at(tmp_path / "r.git")["b.csv"] == "1"


def test_a_remote_with_a_work_tree_is_named_as_the_reason(tmp_path: Path) -> None:
    subprocess.run(["git", "init", "-q", "-b", "main", str(tmp_path / "r")], check=True)
    git(tmp_path / "r", "commit", "-q", "--allow-empty", "-m", "first")
    clone(str(tmp_path / "r"), tmp_path / "c", local=True)
    write(tmp_path / "c", {"b.csv": "1\n"})
    with pytest.raises(GitFailed, match="checked out") as caught:
        sync(tmp_path / "c", "alice")
    assert "--bare" in caught.value.hint


def test_progress_of_a_clone_is_told_in_objects(tmp_path: Path) -> None:
    url = remote_with(tmp_path / "r.git", {f"{n}.csv": f"{n}\n" for n in range(50)})
    progress = Counting()
    clone(url, tmp_path / "c", progress, local=True)
    assert "Receiving objects" in progress.labels
    assert any(total and done == total for done, total in progress.updates)


def children() -> list[str]:
    """Command lines of what this test process still has running."""
    found = []
    for child in psutil.Process().children(recursive=True):
        with suppress(psutil.NoSuchProcess):  # it ends while we look: it is not running
            if child.status() != psutil.STATUS_ZOMBIE and "git" in child.name():
                found.append(" ".join(child.cmdline()))
    return found
