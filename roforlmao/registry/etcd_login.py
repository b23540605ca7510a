"""The token that each call carries where the cluster asks for a user and a password."""

from __future__ import annotations

import threading
from typing import Final

from roforlmao.registry.etcd_errors import no_authentication
from roforlmao.registry.etcd_link import Link
from roforlmao.registry.etcd_secrets import Secrets
from roforlmao.registry.etcd_stubs import load

Metadata = tuple[tuple[str, str], ...]

# Without it a call, or a watch, waits in silence at a member that has lost its leader.
_ALWAYS: Final[Metadata] = (("hasleader", "true"),)


class Login:
    """Fetches a token when first needed, and again after ``forget``."""

    def __init__(self, secrets: Secrets) -> None:
        self._secrets = secrets
        self._lock = threading.Lock()
        self._known: Metadata | None = None if secrets.username else _ALWAYS

    def metadata(self, link: Link, timeout: float) -> Metadata:
        """What a call over this link must carry. Errors: grpc.RpcError, ConfigurationError."""
        known = self._known
        if known is not None:
            return known
        with self._lock:
            if self._known is None:
                self._known = self._fetch(link, timeout)
            return self._known

    def forget(self, used: Metadata) -> bool:
        """Drops a token that was refused; says whether another one can be had."""
        with self._lock:
            if self._known is used and self._secrets.username:
                self._known = None
        return self._secrets.username is not None

    def _fetch(self, link: Link, timeout: float) -> Metadata:
        api = load()
        request = api.messages.AuthenticateRequest(
            name=self._secrets.username, password=self._secrets.password()
        )
        try:
            token = link.auth.Authenticate(request, timeout=timeout).token
        except api.grpc.RpcError as error:
            if not no_authentication(error):
                raise
            return _ALWAYS  # the cluster is open to all; a token would be refused
        return (*_ALWAYS, ("token", token))
