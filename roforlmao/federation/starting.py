"""The files that start a cluster of one's own: certificates, command lines, a systemd unit, a compose file.

Nothing is run: the operator carries the files to the hosts. Flags as in
https://etcd.io/docs/v3.4/op-guide/configuration/ and its guide to transport security.
"""

from __future__ import annotations

import ipaddress
import json
import shlex
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from roforlmao.errors import AlreadyExists, BadInput
from roforlmao.federation.templates import CERTIFICATES, COMPOSE, README, SCRIPT, UNIT
from roforlmao.paths import make_directory, write_atomic
from roforlmao.schema import check_endpoint
from roforlmao.text import one_line

CLIENT_PORT: Final = 2379
PEER_PORT: Final = 2380
_SIZES: Final = (1, 3, 5)
_INSTALLED: Final = "/etc/roforlmao-etcd"
_DATA: Final = "/var/lib/roforlmao-etcd"
_HINT: Final = "Such as etcd1.example.org, or 10.0.0.1:2379:2380 with client and peer port."


@dataclass(frozen=True)
class Host:
    """A member to be: its name in the cluster, its address, the ports for clients and for members."""

    name: str
    address: str
    client: int
    peer: int

    @property
    def endpoint(self) -> str:
        return f"{self.address}:{self.client}"

    @property
    def listens(self) -> str:
        """etcd listens on addresses only: a private one of the host, or on all that it has."""
        ip = _ip(self.address)
        return self.address if ip is not None and ip.is_private else "0.0.0.0"  # noqa: S104 (client TLS guards it)

    @property
    def alternative_names(self) -> str:
        """For the certificate, as openssl writes them."""
        ip = _ip(self.address)
        own = f"IP:{ip}" if ip is not None else f"DNS:{self.address}"
        return ",".join(dict.fromkeys((own, "IP:127.0.0.1", "DNS:localhost")))


def parse_hosts(text: str) -> tuple[Host, ...]:
    """One, three or five hosts between commas. Errors: BadInput."""
    parts = [part.strip() for part in text.split(",") if part.strip()]
    hosts = tuple(_host(number, part) for number, part in enumerate(parts, 1))
    if len(hosts) not in _SIZES:
        raise BadInput(
            f"A cluster of {len(hosts)} hosts gains nothing: it lives while most of its members do.",
            "Name one host, three, or five, with commas between them.",
        )
    if len({(host.address, port) for host in hosts for port in (host.client, host.peer)}) < 2 * len(hosts):
        raise BadInput("Two members share an address and port.", _HINT)
    return hosts


def _host(number: int, text: str) -> Host:
    address, *ports = text.split(":")
    if len(ports) > 2:
        raise BadInput(f"'{one_line(text, 60)}' is not a host.", _HINT)
    client, peer = (*ports, *(str(CLIENT_PORT), str(PEER_PORT))[len(ports) :])
    try:
        for port in (client, peer):
            check_endpoint(f"{address}:{port}")
    except ValueError as error:
        raise BadInput(f"'{one_line(text, 60)}' is not a host.", _HINT) from error
    if address.startswith(("-", ".")):
        raise BadInput(f"'{one_line(text, 60)}' is not a host.", _HINT)
    return Host(f"mao{number}", address, int(client), int(peer))


def _ip(address: str) -> ipaddress.IPv4Address | ipaddress.IPv6Address | None:
    try:
        return ipaddress.ip_address(address)
    except ValueError:
        return None


def flags(host: Host, hosts: Sequence[Host], token: str, files: str, data: str) -> list[str]:
    """etcd's arguments for one member: TLS for clients and between members, old revisions compacted."""
    everybody = ",".join(f"{one.name}=https://{one.address}:{one.peer}" for one in hosts)
    values = {
        "name": host.name,
        "data-dir": data,
        "listen-client-urls": f"https://{host.listens}:{host.client}",
        "advertise-client-urls": f"https://{host.endpoint}",
        "listen-peer-urls": f"https://{host.listens}:{host.peer}",
        "initial-advertise-peer-urls": f"https://{host.address}:{host.peer}",
        "initial-cluster": everybody,
        "initial-cluster-token": token,
        "initial-cluster-state": "new",
        "trusted-ca-file": f"{files}/ca.crt",
        "cert-file": f"{files}/{host.name}.crt",
        "key-file": f"{files}/{host.name}.key",
        "peer-trusted-ca-file": f"{files}/ca.crt",
        "peer-cert-file": f"{files}/{host.name}.crt",
        "peer-key-file": f"{files}/{host.name}.key",
        "auto-compaction-mode": "periodic",
        "auto-compaction-retention": "24h",
    }
    switches = ["--client-cert-auth", "--peer-client-cert-auth"]
    return [f"--{name}={value}" for name, value in values.items()] + switches


def files_for(hosts: Sequence[Host], operator: str, token: str) -> Mapping[str, str]:
    """Text by file name; those that end in ``.sh`` are to be executable."""
    written = {"certificates.sh": _certificates(hosts, operator), "README.txt": _readme(hosts, operator)}
    for host in hosts:
        installed = flags(host, hosts, token, _INSTALLED, _DATA)
        here = [_quoted(flag) for flag in flags(host, hosts, token, "$here", f"$here/{host.name}.etcd")]
        written[f"etcd-{host.name}.sh"] = SCRIPT.format(name=host.name, flags=" \\\n    ".join(here))
        written[f"etcd-{host.name}.service"] = UNIT.format(name=host.name, flags=" \\\n    ".join(installed))
        listed = "\n".join(f"      - {json.dumps(flag)}" for flag in installed)
        written[f"compose-{host.name}.yml"] = COMPOSE.format(flags=listed, files=_INSTALLED, data=_DATA)
    return written


def write(directory: Path, files: Mapping[str, str]) -> list[Path]:
    """Errors: AlreadyExists where something is there already: keys must not be lost; StorageFailed."""
    make_directory(directory)
    if any(directory.iterdir()):
        raise AlreadyExists(f"{directory} is not empty.", "Name another --output, or empty it.")
    for name, text in files.items():
        write_atomic(directory / name, text)
        if name.endswith(".sh"):
            (directory / name).chmod(0o700)
    return [directory / name for name in files]


def _quoted(flag: str) -> str:
    """For a script in which ``$here`` is the directory of the files."""
    return f'"{flag}"' if "$here" in flag else shlex.quote(flag)


def _certificates(hosts: Sequence[Host], operator: str) -> str:
    members = "\n".join(f"member {host.name} {host.alternative_names}" for host in hosts)
    return CERTIFICATES.format(members=members, operator=operator)


def _readme(hosts: Sequence[Host], operator: str) -> str:
    endpoints = " ".join(host.endpoint for host in hosts)
    lines = "\n".join(
        f"   {host.address}: ca.crt, {host.name}.crt, {host.name}.key, etcd-{host.name}.sh" for host in hosts
    )
    return README.format(hosts=lines, endpoints=endpoints, operator=operator, files=_INSTALLED, data=_DATA)
