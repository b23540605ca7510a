"""What git wrote to its standard error, as a sentence with what to do."""

from __future__ import annotations

import re

from roforlmao.errors import GitFailed, OperationFailed, Refused, RoforlmaoError, StorageFailed, Unreachable
from roforlmao.text import one_line

_CREDENTIALS = re.compile(r"://[^/@\s]*@")
_DETAIL = 300  # characters of git's own words

# The first pattern that is found decides: causes stand before the consequences that git prints after them.
_TABLE: tuple[tuple[str, type[RoforlmaoError], str, str], ...] = (
    (
        r"No space left on device|Disk quota exceeded|out of disk space",
        StorageFailed,
        "No space is left on the disk for {where}",
        "Free some space there, then try again.",
    ),
    (
        r"Read-only file system",
        StorageFailed,
        "The disk of {where} is read-only",
        "Make it writable, or choose another place with --home DIR.",
    ),
    (
        r"REMOTE HOST IDENTIFICATION HAS CHANGED",
        Unreachable,
        "The host of {where} shows another key than before",
        "Ask whoever runs it; if the new key is right, remove the old one with: ssh-keygen -R HOST",
    ),
    (
        r"Host key verification failed|authenticity of host|No .* host key is known",
        Unreachable,
        "The host key of {where} is not known here",
        "Connect once by hand (ssh HOST), check the fingerprint and accept it.",
    ),
    (
        r"Permission denied \((?:publickey|password|keyboard)",
        Unreachable,
        "{where} did not accept your ssh key",
        "Check that your key is loaded (ssh-add -l) and registered there.",
    ),
    (
        (
            r"Authentication failed|could not read (?:Username|Password)|terminal prompts disabled"
            r"|error: 401|Access denied|Invalid username"
        ),
        Unreachable,
        "Authentication failed at {where}",
        "Store a user name and token in your git credential helper, or use an ssh URL with your key.",
    ),
    (
        r"error: 403|Permission to .* denied|not allowed to push|protected branch|pre-receive hook declined",
        Unreachable,
        "{where} does not let you do that",
        "Ask its owner for write access, or use a repository of your own.",
    ),
    (
        (
            r"Could not resolve (?:host|proxy)|Name or service not known"
            r"|Temporary failure in name resolution|unable to look up"
        ),
        Unreachable,
        "The host of {where} has no address",
        "Check the spelling of the URL and the network connection.",
    ),
    (
        (
            r"Connection refused|Failed to connect to|Couldn't connect to server|No route to host"
            r"|Network is unreachable"
        ),
        Unreachable,
        "Nothing answers at {where}",
        "Check host and port, and whether the server runs.",
    ),
    (
        r"timed out|Operation too slow|Timeout",
        Unreachable,
        "{where} did not answer in time",
        "Check the network connection, then try again.",
    ),
    (
        r"certificate|SSL|TLS|gnutls",
        Unreachable,
        "The secure connection to {where} could not be made",
        "Check the clock and the certificates of this machine.",
    ),
    (
        (
            r"[Rr]epository .*not found|does not appear to be a git|error: 404|repository not exported"
            r"|repository '.*' does not exist|not valid: is this a git repository|could not find repository"
        ),
        Unreachable,
        "There is no repository at {where}, or you may not see it",
        "Check the spelling of the URL, and that you have access.",
    ),
    (
        r"couldn't find remote ref",
        GitFailed,
        "The branch is gone from the remote of {where}",
        "Ask its owner; or switch to a branch that is there.",
    ),
    (
        r"transport '.*' not allowed",
        Refused,
        "{where} uses a transport that is not allowed",
        "Use https://, http://, ssh://, git:// or user@host:path.",
    ),
    (
        r"dubious ownership",
        GitFailed,
        "{where} belongs to another user of this machine",
        "If you trust it: git config --global --add safe.directory PATH",
    ),
    (
        r"\.lock': File exists|cannot lock ref|Unable to create '.*\.lock'",
        GitFailed,
        "Another git command holds a lock in {where}",
        "Wait until it has ended; if none runs, delete the .lock file that is named.",
    ),
    (
        (
            r"object file .* is empty|loose object .* corrupt|inflate: data stream error|bad object"
            r"|unable to read tree|missing blob|pack has .* unresolved|is corrupt|bad signature"
            r"|index file corrupt|smaller than expected"
        ),
        GitFailed,
        "The repository {where} is damaged",
        "Move it away and clone it again; copy over the files that were not yet pushed.",
    ),
    (
        r"[Pp]ermission denied|insufficient permission",
        StorageFailed,
        "Files in {where} belong to another user or may not be read or written",
        "Take them over with: sudo chown -R $USER PATH",
    ),
    (
        r"not a git repository",
        GitFailed,
        "{where} is not a git repository",
        "Choose the top directory of a clone.",
    ),
    (
        (
            r"early EOF|hung up|unexpected disconnect|RPC failed|Connection reset|Broken pipe"
            r"|closed by|Could not read from remote|unable to access|protocol error"
        ),
        Unreachable,
        "The connection to {where} broke off",
        "Check the network connection, then try again.",
    ),
)


def shown(where: str) -> str:
    """A path or URL as it may be shown: on one line, without a user name or password."""
    return one_line(_CREDENTIALS.sub("://", where), 200)


def explain(verb: str, where: str, words: str) -> RoforlmaoError:
    """The error for a failed ``git <verb>`` on ``where`` (a path or URL) that wrote ``words``."""
    subject = shown(where)
    lines = [line for line in words.splitlines() if line.strip()]
    for pattern, kind, sentence, hint in _TABLE:
        found = next((line for line in lines if re.search(pattern, line)), None)
        if found is not None:
            return kind(f"{sentence.format(where=subject)} ({_quoted(found)}).", hint)
    detail = next((line for line in lines if line.startswith(("fatal:", "error:"))), "no reason given")
    return GitFailed(
        f"git {verb} failed in {subject}: {_quoted(detail)}.", "Look at that repository with git status."
    )


def timed_out(verb: str, where: str, seconds: float) -> OperationFailed:
    """The error for a command that we ended because nothing came."""
    return Unreachable(
        f"git {verb}: {shown(where)} did not answer within {seconds:g} s.",
        "Check the network connection, then try again.",
    )


def _quoted(line: str) -> str:
    """git's own words, without their label, colours and passwords."""
    words = one_line(_CREDENTIALS.sub("://", line), _DETAIL)
    return words.removeprefix("fatal: ").removeprefix("error: ").rstrip(".")
