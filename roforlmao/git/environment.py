"""The environment and options under which every git command runs: no prompts, no foreign programs."""

from __future__ import annotations

import os
import shlex
import subprocess
from collections.abc import Mapping
from functools import lru_cache
from pathlib import Path

# What an inherited GIT_* variable may still say; all others (GIT_DIR, GIT_INDEX_FILE, GIT_TRACE ...)
# would bend our commands to another repository or mix foreign lines into their output.
_KEPT = (
    "GIT_AUTHOR_",
    "GIT_COMMITTER_",
    "GIT_CONFIG_COUNT",
    "GIT_CONFIG_GLOBAL",
    "GIT_CONFIG_KEY_",
    "GIT_CONFIG_NOSYSTEM",
    "GIT_CONFIG_SYSTEM",
    "GIT_CONFIG_VALUE_",
    "GIT_EXEC_PATH",
    "GIT_HTTP_",
    "GIT_PROXY_",
    "GIT_SSH_VARIANT",
    "GIT_SSL_",
)

_FIXED = {
    "LANG": "C",
    "LC_ALL": "C",
    "GIT_TERMINAL_PROMPT": "0",
    "GIT_ASKPASS": "true",
    "SSH_ASKPASS": "true",
    "SSH_ASKPASS_REQUIRE": "never",
    "GCM_INTERACTIVE": "never",
    "GIT_EDITOR": "true",
    "GIT_OPTIONAL_LOCKS": "0",
    "GIT_NO_REPLACE_OBJECTS": "1",
}

_CONFIGURATION = {
    "core.hooksPath": "/dev/null",
    "core.fsmonitor": "false",
    "core.autocrlf": "false",  # data is committed byte for byte
    "core.safecrlf": "false",
    "core.splitIndex": "false",  # our temporary indexes are whole files
    "gc.auto": "0",  # housekeeping is a step of its own, at the end of a sync
    "gc.autoDetach": "false",
    "maintenance.auto": "false",
    "commit.gpgSign": "false",  # signing may ask for a passphrase
    "push.gpgSign": "false",
    "push.followTags": "false",
    "push.recurseSubmodules": "no",
    "fetch.prune": "false",
    "fetch.recurseSubmodules": "false",
    "submodule.recurse": "false",
    "http.lowSpeedLimit": "1000",  # B/s
    "http.lowSpeedTime": "60",  # s
    "advice.detachedHead": "false",
}

_REMOTE_PROTOCOLS = "https:http:ssh:git"
_SSH_OPTIONS = "-o BatchMode=yes -o ConnectTimeout=15 -o ServerAliveInterval=15 -o ServerAliveCountMax=4"


def options() -> list[str]:
    """``-c`` arguments that stand before every git verb."""
    return [word for key, value in _CONFIGURATION.items() for word in ("-c", f"{key}={value}")]


def environment(*, local: bool, ceiling: Path | None = None) -> dict[str, str]:
    """What is added to the operator's own environment.

    ``local`` allows repositories on this machine; ``ceiling`` is the directory above which
    git does not look for a repository.
    """
    added = dict(_FIXED)
    added["GIT_ALLOW_PROTOCOL"] = _REMOTE_PROTOCOLS + (":file" if local else "")
    added["GIT_SSH_COMMAND"] = _ssh_command(os.environ)
    if ceiling:
        added["GIT_CEILING_DIRECTORIES"] = str(ceiling)
    return added


def unwanted(added: Mapping[str, str]) -> list[str]:
    """The inherited variables that git must not see, apart from those that we set anew."""
    return [
        name
        for name in os.environ
        if name.startswith("GIT_") and not name.startswith(_KEPT) and name not in added
    ]


def _ssh_command(inherited: Mapping[str, str]) -> str:
    """The operator's own ssh, told never to ask; something that is not ssh is left as it is."""
    command = inherited.get("GIT_SSH_COMMAND", "")
    if not command and inherited.get("GIT_SSH"):
        command = shlex.quote(inherited["GIT_SSH"])
    if not command:
        home = (inherited.get("GIT_CONFIG_GLOBAL", ""), inherited.get("HOME", ""))
        command = _configured_ssh(home, inherited.get("XDG_CONFIG_HOME", "")) or "ssh"
    words = command.split()
    return f"{command} {_SSH_OPTIONS}" if words and Path(words[0]).name == "ssh" else command


@lru_cache(maxsize=8)
def _configured_ssh(_home: tuple[str, str], _xdg: str) -> str:
    """``core.sshCommand`` of the operator's global configuration, which ours would override."""
    answer = subprocess.run(
        ["git", "config", "--global", "--includes", "--get", "core.sshCommand"],
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        check=False,
        timeout=10,
    )
    return answer.stdout.decode(errors="replace").strip()
