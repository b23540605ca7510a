"""Messages reach real services on loopback; an address with its secret is never shown."""

from __future__ import annotations

import socket
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from roforlmao.config import load
from roforlmao.errors import ConfigurationError
from roforlmao.notify.sending import NotSent, address, send
from roforlmao.targets import Target
from tests.unit.webhook import Hook, listening


@pytest.fixture
def hook() -> Iterator[Hook]:
    with listening() as server:
        yield server


def test_a_webhook_gets_title_and_text_as_they_are(hook: Hook) -> None:
    target = Target("hook", url=f"json://127.0.0.1:{hook.server_port}/mao")
    send(target, {}, "roforlmao (alice): anomaly", "a <b> *c* [d] \\n e")
    path, body = hook.taken[0]
    assert path.startswith("/mao")
    assert (body["title"], body["message"]) == ("roforlmao (alice): anomaly", "a <b> *c* [d] \\n e")


def test_ntfy_gets_topic_title_and_message(hook: Hook) -> None:
    send(Target("ntfy", env="TOPIC"), {"TOPIC": f"ntfy://127.0.0.1:{hook.server_port}/mao"}, "t", "m")
    assert hook.taken[0][1] == {"topic": "mao", "title": "t", "message": "m"}


def test_a_letter_reaches_a_mail_server(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        letter: list[str] = []
        thread = threading.Thread(target=_take_letter, args=(server, letter))
        thread.start()
        port = server.getsockname()[1]
        file = tmp_path / "address"
        file.write_text(f"mailto://127.0.0.1:{port}?from=mao@example.org&to=ops@example.org&mode=insecure\n")
        send(Target("mail", file=file), {}, "subject here", "text here")
        thread.join(10)
    whole = "\n".join(letter)
    assert "rcpt TO:<ops@example.org>" in whole
    assert "subject here" in whole
    assert "text here" in whole


def _take_letter(server: socket.socket, letter: list[str]) -> None:
    """As much of SMTP (RFC 5321) as one letter needs."""
    connection, _ = server.accept()
    with connection, connection.makefile("rw", encoding="utf-8", newline="\r\n") as talk:
        in_data = False
        talk.write("220 loopback\r\n")
        talk.flush()
        for line in talk:
            text = line.rstrip()
            letter.append(text)
            if in_data and text != ".":
                continue
            in_data = text.upper() == "DATA"
            talk.write(
                "354 go on\r\n" if in_data else "221 bye\r\n" if text.upper() == "QUIT" else "250 ok\r\n"
            )
            talk.flush()
            if text.upper() == "QUIT":
                return


def test_a_service_that_refuses_or_is_away_is_told_with_its_reason_and_no_secret(hook: Hook) -> None:
    hook.status = 500
    with pytest.raises(NotSent, match="error=500"):
        send(Target("hook", url=f"json://u:geheim@127.0.0.1:{hook.server_port}/mao"), {}, "t", "m")
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    with pytest.raises(NotSent) as away:
        send(Target("hook", url=f"json://u:geheim@127.0.0.1:{port}/token"), {}, "t", "m")
    assert "geheim" not in f"{away.value.message} {away.value.hint}"
    assert "127.0.0.1" in away.value.message


def test_what_is_wrong_with_an_address_is_said_without_it(
    tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "empty").touch()
    for target, environ in (
        (Target("a", url="foo://geheim"), {}),
        (Target("b", env="NOT_SET"), {}),
        (Target("b", env="SET"), {"SET": "geheim and more"}),
        (Target("c", file=tmp_path / "missing"), {}),
        (Target("c", file=tmp_path / "empty"), {}),
    ):
        with pytest.raises(ConfigurationError) as found:
            send(target, environ, "t", "m")
        assert "geheim" not in f"{found.value.message} {found.value.hint}"
    told = capfd.readouterr()
    assert "geheim" not in told.out + told.err


def test_an_address_in_a_file_is_its_first_line(tmp_path: Path) -> None:
    (tmp_path / "a").write_text("json://host/x\nsecond line\n")
    assert address(Target("a", file=tmp_path / "a"), {}) == "json://host/x"


def _configured(tmp_path: Path, text: str) -> Any:
    path = tmp_path / "config.yaml"
    path.write_text(text, encoding="utf-8")
    return load(path, {})


def test_targets_are_read_and_never_shown(tmp_path: Path) -> None:
    config = _configured(
        tmp_path,
        "notify:\n- json://u:geheim@host/x\n- {url_env: HOOK, kinds: [anomaly]}\n- {url_file: /k/mail}\n",
    )
    assert [target.shown for target in config.notify] == ["json: all", "$HOOK: anomaly", "mail: all"]
    assert config.notify[0].url == "json://u:geheim@host/x"
    assert "geheim" not in str(config.values)
    assert "geheim" not in repr(config.notify)


@pytest.mark.parametrize(
    "text",
    [
        "notify: json://geheim\n",
        "notify: [geheim]\n",
        "notify: [{url: 'json://geheim', url_env: X}]\n",
        "notify: [{kinds: [a]}]\n",
        "notify: [{url_env: X, kind: a}]\n",
        "notify: [{url_env: X, kinds: geheim}]\n",
        "notify: ['json://geheim', 'json://b']\n",
        "notify: ['json://geheim blank']\n",
        "notify: [7]\n",
    ],
)
def test_what_is_no_target_is_refused_with_its_line_and_without_the_secret(tmp_path: Path, text: str) -> None:
    with pytest.raises(ConfigurationError) as found:
        _configured(tmp_path, text)
    assert "line 1" in found.value.message
    assert "geheim" not in found.value.message
