"""What proves who we are to a cluster: certificate files and the password; read late, told never."""

from __future__ import annotations

import stat
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from roforlmao.errors import ConfigurationError
from roforlmao.schema import EtcdConfig
from roforlmao.text import one_line

_LARGEST: Final = 1_000_000
_PEM: Final = b"-----BEGIN "


@dataclass(frozen=True)
class Tls:
    """PEM texts; ``key`` and ``cert`` are both there or neither."""

    ca: bytes
    cert: bytes | None = None
    key: bytes | None = field(default=None, repr=False)


class Secrets:
    """The files that a configuration names; relative paths begin at ``base``.

    Errors: ConfigurationError for a combination that is not safe or makes no sense, above all a
    password without ``ca``, which would cross the network as plain text.
    """

    def __init__(self, config: EtcdConfig, base: Path) -> None:
        _check(config)
        self._config = config
        self._base = base

    @property
    def username(self) -> str | None:
        return self._config.username

    def password(self) -> str:
        """The first line of the password file. Errors: ConfigurationError."""
        raw = self._read("password_file", self._config.password_file)
        try:
            lines = raw.decode("utf-8").splitlines()
        except UnicodeDecodeError:
            lines = []
        if not lines or not lines[0]:
            raise ConfigurationError(
                f"The password file {self._config.password_file} holds no text on its first line.",
                "Write the password on the first line; keep the file readable for its owner only.",
            )
        return lines[0]

    def exposed(self) -> str:
        """A sentence if others can read the password file or the key, else nothing."""
        for path in (self._config.password_file, self._config.key):
            if path is not None and _is_open(self._base / path):
                return f"Others on this machine can read {path}; close it with: chmod 600 {path}"
        return ""

    def tls(self) -> Tls | None:
        """What a secure connection needs; None where none is configured. Errors: ConfigurationError."""
        config = self._config
        if config.ca is None:
            return None
        ca = self._pem("ca", config.ca)
        if config.cert is None:
            return Tls(ca)
        return Tls(ca, self._pem("cert", config.cert), self._pem("key", config.key))

    def _pem(self, name: str, path: Path | None) -> bytes:
        text = self._read(name, path)
        if _PEM not in text:
            raise ConfigurationError(
                f"registry.etcd.{name}: {path} is not a PEM file.", "It begins with '-----BEGIN'."
            )
        return text

    def _read(self, name: str, path: Path | None) -> bytes:
        try:
            with (self._base / (path or "")).open("rb") as file:
                return file.read(_LARGEST)
        except OSError as error:
            said = one_line(error.strerror or str(error), 80)
            raise ConfigurationError(
                f"registry.etcd.{name}: {path} cannot be read ({said}).",
                "Name a file that you may read.",
            ) from error


def _check(config: EtcdConfig) -> None:
    if (config.username is None) != (config.password_file is None):
        raise ConfigurationError(
            "registry.etcd: username and password_file belong together, and one is missing.",
            "Set both, or neither.",
        )
    if config.username is not None and config.ca is None:
        raise ConfigurationError(
            "registry.etcd: a password without TLS would cross the network as plain text.",
            "Set ca to the authority that signed the cluster's certificates.",
        )
    if (config.cert is None) != (config.key is None):
        raise ConfigurationError(
            "registry.etcd: cert and key belong together, and one is missing.", "Set both, or neither."
        )
    if config.cert is not None and config.ca is None:
        raise ConfigurationError(
            "registry.etcd: cert is set but ca is not, so that the cluster cannot be verified.",
            "Set ca to the authority that signed the cluster's certificates.",
        )


def _is_open(path: Path) -> bool:
    try:
        return bool(path.stat().st_mode & (stat.S_IRWXG | stat.S_IRWXO))
    except OSError:
        return False
