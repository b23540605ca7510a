"""The family of errors: each class carries its code and exit status, each error a hint.

Adapters raise these ``from`` their library's exceptions; only the menu loop and
``cli`` catch them.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class Remedy:
    """What a front may ask so that the same action, called again, goes through.

    The action is repeated with ``parameter=value`` after a yes to ``question``.
    ``safe`` says whether ``--yes`` may answer it; trust and loss questions may not be. Where there
    is a choice, ``instead`` holds the other ways to go on.
    """

    parameter: str
    value: Any
    question: str
    details: tuple[str, ...] = ()
    safe: bool = False
    instead: tuple[Remedy, ...] = ()


class RoforlmaoError(Exception):
    """Anything that an operator can be told in a sentence."""

    code = "failed"
    exit_status = 3

    def __init__(self, message: str, hint: str = "", *, remedy: Remedy | None = None) -> None:
        super().__init__(message)
        self.message = message
        self.hint = hint
        self.remedy = remedy


class BadInput(RoforlmaoError):
    """A value that breaks its rule, or a missing one."""

    code = "bad-input"
    exit_status = 2


class ConfigurationError(BadInput):
    """The configuration cannot be used; the message names file, line and key."""

    code = "bad-configuration"


class NotFound(BadInput):
    """The named thing does not exist."""

    code = "not-found"


class AlreadyExists(BadInput):
    """The name is taken."""

    code = "already-exists"


class OperationFailed(RoforlmaoError):
    """Something was tried and did not work."""


class Unreachable(OperationFailed):
    """A repository or host does not answer."""

    code = "unreachable"


class GitFailed(OperationFailed):
    """git refused or broke off."""

    code = "git-failed"


class SyncConflict(OperationFailed):
    """Two operators changed the same file; both versions are kept and named."""

    code = "sync-conflict"


class ToolFailed(OperationFailed):
    """The tool, or its installer, did not end with exit code 0."""

    code = "tool-failed"


class EngineFailed(OperationFailed):
    """The container engine did not do it."""

    code = "engine-failed"


class EngineAbsent(EngineFailed):
    """No container engine runs here."""

    code = "engine-absent"


class EngineDenied(EngineFailed):
    """The container engine does not let this operator in."""

    code = "engine-denied"


class EngineMisaddressed(EngineFailed):
    """What DOCKER_HOST or the docker context names is no engine that can be used."""

    code = "engine-misaddressed"


class EngineTooOld(EngineFailed):
    """An engine without what a run needs."""

    code = "engine-too-old"


class EngineSilent(EngineFailed):
    """The container engine does not answer in time."""

    code = "engine-silent"


class EngineLost(EngineFailed):
    """The container engine went away in the middle of something."""

    code = "engine-lost"


class ImageNotFound(OperationFailed):
    """The registry has no such image."""

    code = "image-not-found"


class ImageDenied(OperationFailed):
    """The image's registry wants a login, or another one."""

    code = "image-denied"


class ImageArchitecture(OperationFailed):
    """The image is made for another kind of processor."""

    code = "image-architecture"


class StorageFailed(OperationFailed):
    """The disk is full, read-only or otherwise unwilling."""

    code = "storage-failed"


class Busy(OperationFailed):
    """Another launcher is at work on the same thing."""

    code = "busy"


class Refused(RoforlmaoError):
    """Not done, to protect data or trust."""

    code = "refused"
    exit_status = 5


class Untrusted(Refused):
    """Foreign code that the operator has not said yes to, or that changed since."""

    code = "untrusted"


class NameTaken(Refused):
    """Another launcher is a member of the federation under this operator's name."""

    code = "name-taken"


class LossRefused(Refused):
    """A sync that would delete, shrink or overwrite what is published."""

    code = "loss-refused"


class Cancelled(RoforlmaoError):
    """The operator stopped it."""

    code = "interrupted"
    exit_status = 130


class RegistryError(RoforlmaoError):
    """The registry did not do it."""

    code = "registry-error"
    exit_status = 4


class Unavailable(RegistryError):
    """The registry does not answer; nothing was written."""

    code = "registry-unavailable"


class OutcomeUnknown(RegistryError):
    """The registry went away in mid-write; whether it was written cannot be told."""

    code = "outcome-unknown"


class Conflict(RegistryError):
    """An expectation about a key did not hold; nothing was written."""

    code = "conflict"
    exit_status = 3


class TooLarge(RegistryError):
    """A value over the limit of 1,000,000 bytes."""

    code = "too-large"
    exit_status = 2


class Denied(RegistryError):
    """The registry does not let this operator do that."""

    code = "denied"
    exit_status = 3


class LoginRefused(Denied):
    """The registry does not know this operator, or another password."""


class LeaseLost(RegistryError):
    """The session's lease expired; what was bound to it is gone."""

    code = "lease-lost"
    exit_status = 3


class Compacted(RegistryError):
    """The asked-for revision is no longer kept: list again."""

    code = "compacted"
    exit_status = 3
