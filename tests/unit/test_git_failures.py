"""git's own words become one sentence, one hint and the right kind of error."""

from __future__ import annotations

import pytest

from roforlmao.errors import GitFailed, Refused, RoforlmaoError, StorageFailed, Unreachable
from roforlmao.git.failures import explain, shown, timed_out


@pytest.mark.parametrize(
    ("words", "kind", "sentence"),
    [
        (
            "fatal: could not read Username for 'https://h': terminal prompts disabled",
            Unreachable,
            "Authentication",
        ),
        (
            "remote: Invalid username or password.\nfatal: Authentication failed for 'x'",
            Unreachable,
            "Authentic",
        ),
        (
            "git@h: Permission denied (publickey).\nfatal: Could not read from remote",
            Unreachable,
            "your ssh key",
        ),
        ("Host key verification failed.\nfatal: Could not read from remote", Unreachable, "host key"),
        ("@ WARNING: REMOTE HOST IDENTIFICATION HAS CHANGED! @\nHost key verif", Unreachable, "another key"),
        ("fatal: unable to access 'x': Could not resolve host: h", Unreachable, "no address"),
        ("ssh: Could not resolve hostname h: Name or service not known", Unreachable, "no address"),
        (
            "fatal: unable to access 'x': Failed to connect to h port 1: refused",
            Unreachable,
            "Nothing answers",
        ),
        ("ssh: connect to host h port 22: Connection timed out", Unreachable, "in time"),
        ("fatal: unable to access 'x': Operation too slow. Less than 1000", Unreachable, "in time"),
        ("fatal: repository 'https://h/x/' not found", Unreachable, "no repository"),
        ("remote: Repository not found.", Unreachable, "no repository"),
        ("fatal: '/x' does not appear to be a git repository", Unreachable, "no repository"),
        (
            "fatal: unable to access 'x': The requested URL returned error: 403",
            Unreachable,
            "does not let you",
        ),
        ("fatal: unable to access 'x': SSL certificate problem: expired", Unreachable, "secure connection"),
        ("fatal: early EOF\nfatal: index-pack failed", Unreachable, "broke off"),
        ("fatal: write error: No space left on device\nfatal: early EOF", StorageFailed, "No space"),
        ('error: open("a"): Permission denied\nfatal: adding files failed', StorageFailed, "another user"),
        ("fatal: transport 'ext' not allowed", Refused, "not allowed"),
        ("fatal: detected dubious ownership in repository at '/x'", GitFailed, "belongs to another user"),
        ("fatal: Unable to create '/x/.git/index.lock': File exists.", GitFailed, "holds a lock"),
        ("fatal: not a git repository (or any parent)", GitFailed, "not a git repository"),
        ("error: object file .git/objects/1 is empty", GitFailed, "damaged"),
        ("fatal: couldn't find remote ref refs/heads/x", GitFailed, "branch is gone"),
        ("fatal: something new", GitFailed, r"git push failed in .*something new"),
        ("", GitFailed, "no reason given"),
    ],
)
def test_each_cause_has_its_sentence(words: str, kind: type[RoforlmaoError], sentence: str) -> None:
    error = explain("push", "https://h/x.git", words)
    assert type(error) is kind
    with pytest.raises(kind, match=sentence):
        raise error
    assert error.hint
    assert error.message.endswith(".")


def test_no_colours_and_no_passwords_reach_the_operator() -> None:
    error = explain(
        "fetch", "https://me:secret@h/x\x1b[31m", "fatal: \x1b]0;x\x07bad https://me:secret@h/x here"
    )
    assert "secret" not in error.message
    assert "\x1b" not in error.message
    assert shown("ssh://git@h/x") == "ssh://h/x"
    assert "secret" not in timed_out("push", "https://me:secret@h/x", 5).message
