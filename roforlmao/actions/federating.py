"""Federations: join one by endpoints or invite, invite to it, start one of one's own."""

from __future__ import annotations

import dataclasses
import secrets
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from roforlmao.actions import parse
from roforlmao.actions.base import Action, Answers, Choice, Parameter, Report
from roforlmao.errors import BadInput, NameTaken, RegistryError
from roforlmao.models import as_json
from roforlmao.progress import Progress
from roforlmao.schema import EtcdConfig
from roforlmao.text import counted

if TYPE_CHECKING:
    from roforlmao.app import App
    from roforlmao.federation.joining import Found


def join(
    app: App,
    progress: Progress,
    endpoints: Sequence[str] = (),
    file: Path | None = None,
    namespace: str | None = None,
    ca: Path | None = None,
    cert: Path | None = None,
    key: Path | None = None,
    username: str | None = None,
    password_file: Path | None = None,
    occupied: bool = False,
) -> Report:
    from roforlmao.federation import invite, joining
    from roforlmao.federation.certificates import fingerprint

    config = EtcdConfig(tuple(endpoints), username, password_file, ca, cert, key)
    where = namespace or app.config.namespace
    if file is not None:
        if endpoints or ca or namespace:
            raise BadInput("An invite names endpoints, authority and namespace itself.", "Give --file alone.")
        found_invite = invite.read(file, app.now())
        where = found_invite.namespace
        config = dataclasses.replace(
            config, endpoints=found_invite.endpoints, ca=_keep_ca(app, found_invite.ca)
        )
    if not config.endpoints:
        raise BadInput(
            "It is not said which cluster to join.", "Name its endpoints as H:P, or --file INVITE."
        )
    found = joining.test(config, app.home.root, where, progress, occupied=occupied)
    _configure(app, config, where)
    marks = fingerprint((app.home.root / config.ca).read_text("ascii")) if config.ca else ""
    return _joined(app, found, where, marks)


def _keep_ca(app: App, text: str) -> Path | None:
    """The invite's authority as a file of the home, for the configuration."""
    from roforlmao.federation.certificates import fingerprint
    from roforlmao.paths import write_atomic

    if not text:
        return None
    path = Path("federation") / f"ca-{fingerprint(text).replace(':', '').lower()[:12]}.crt"
    write_atomic(app.home.root / path, text)
    return path


def _configure(app: App, config: EtcdConfig, namespace: str) -> None:
    from roforlmao.config import write

    files = {name: getattr(config, name) for name in ("password_file", "ca", "cert", "key")}
    changes: dict[str, Any] = {
        "operator": app.operator,
        "registry.backend": "etcd",
        "registry.namespace": namespace,
        "registry.etcd.endpoints": list(config.endpoints),
        "registry.etcd.username": config.username,
        **{f"registry.etcd.{name}": str(path) if path else None for name, path in files.items()},
    }
    write(app.home.config, changes)
    app.reload()


def _joined(app: App, found: Found, namespace: str, marks: str) -> Report:
    rows = [
        [one.endpoint, one.version or "-", "" if one.latency_s is None else f"{one.latency_s * 1000:.0f} ms",
         "answers" if one.ok else one.reason]
        for one in found.endpoints
    ]  # fmt: skip
    lines = [
        f"You are {app.operator} in cluster {found.cluster}, namespace {namespace}.",
        f"Its servers: {', '.join(f'{one.name} ({one.version})' for one in found.servers)}.",
        f"Operators there now: {', '.join(found.operators) or 'nobody else'}.",
    ]
    if marks:
        lines.append(f"Fingerprint of its authority (SHA-256), to compare with who invited you: {marks}")
    data = {**as_json(found), "namespace": namespace, "ca_sha256": marks, "config": str(app.home.config)}
    columns = ("endpoint", "version", "latency", "")
    return Report(data, "Joined", columns, rows, lines=lines, warnings=(*found.warnings, *_name_taken(app)))


def _name_taken(app: App) -> Sequence[str]:
    """Whose the operator's name is, where somebody else is there under it."""
    try:
        app.check_name()
    except NameTaken as error:
        return [f"{error.message} {error.hint}"]
    except RegistryError:
        pass
    return []


def invite_to(app: App, _progress: Progress, output: Path | None = None) -> Report:
    from roforlmao.federation import invite

    config = app.config
    if config.backend != "etcd":
        raise BadInput(
            "Your registry is a file on this machine: nobody can be invited to it.",
            "Start a federation (`federation start`) or join one first.",
        )
    ca = app.home.root / config.etcd.ca if config.etcd.ca else None
    made = invite.make(config.etcd.endpoints, config.namespace, ca, app.operator, app.now())
    path = output or app.places.work / "federation-invite.json"
    invite.write(made, path)
    lines = [f"The invite: {path}. It holds no secret; they say: federation join --file {path.name}"]
    lines += [f"Tell them the fingerprint by another way: {made.ca_sha256}"] if made.ca else []
    if config.etcd.cert or config.etcd.username:
        lines.append(
            "The cluster asks its clients for a proof of their own: a certificate, or a user and password."
        )
    here = [one for one in made.endpoints if one.startswith(("127.", "localhost:", "[::1]"))]
    warnings = [f"{', '.join(here)} can be reached from this machine only."] if here else []
    data = {"path": str(path), **as_json(made), "ca_sha256": made.ca_sha256}
    return Report(data, lines=lines, warnings=warnings)


def start(app: App, _progress: Progress, hosts: str, output: Path | None = None) -> Report:
    from roforlmao.federation import starting

    members = starting.parse_hosts(hosts)
    directory = output or app.places.work / "federation"
    token = f"roforlmao-{secrets.token_hex(8)}"
    written = starting.write(directory, starting.files_for(members, app.operator, token))
    lines = [
        f"Written to {directory}: {counted(len(written), 'file')} for {counted(len(members), 'member')}.",
        *(directory / "README.txt").read_text("utf-8").splitlines(),
    ]
    join_later = [str(directory / f"{app.operator}.{end}") for end in ("crt", "key")]
    data = {
        "directory": str(directory),
        "files": [path.name for path in written],
        "endpoints": [host.endpoint for host in members],
        "ca": str(directory / "ca.crt"),
        "cert": join_later[0],
        "key": join_later[1],
    }
    return Report(data, "A cluster of your own", lines=lines)


def _by_endpoints(answers: Answers) -> bool:
    return not answers.get("file")


def _one_endpoint(_app: App, _answers: Answers) -> Sequence[Choice]:
    return [Choice("endpoint", "Endpoint (host:port)")]


def _file(name: str, help_: str) -> Parameter:
    return Parameter(name, help_, parse.path, "option", False, metavar="FILE", asked=False)


_JOIN = (
    Parameter("endpoints", "where its etcd answers", parse.endpoint, required=False, many=True, metavar="H:P",
              when=_by_endpoints, each=_one_endpoint),
    Parameter("file", "the invite that you were given (empty: by endpoints)", parse.path, "option",
              False, metavar="INVITE"),
    Parameter("namespace", "where the federation's keys begin, such as /mao/", parse.namespace, "option",
              False, asked=False),
    _file("ca", "the authority that signed the cluster's certificates"),
    _file("cert", "your certificate, where the cluster asks for one"),
    _file("key", "the key of your certificate"),
    Parameter("username", "your user, where the cluster asks for one", parse.line, "option", False,
              asked=False),
    _file("password_file", "a file with your password on its first line"),
    Parameter("occupied", "also where the namespace holds keys of something else", form="flag", asked=False),
)  # fmt: skip

ACTIONS = (
    Action(
        "federation",
        "join",
        "Join a federation",
        join,
        _JOIN,
        help="Tests every endpoint, shows the cluster and who is there, and writes your configuration. "
        "The cluster itself is not changed.",
        asks=("file", "endpoints"),
    ),
    Action(
        "federation",
        "invite",
        "Invite others",
        invite_to,
        (Parameter("output", "where to write it", parse.path, "option", False, metavar="FILE", asked=False),),
        help="Writes a file with endpoints, namespace and authority; no secret is in it.",
    ),
    Action(
        "federation",
        "start",
        "Start a federation of your own",
        start,
        (
            Parameter(
                "hosts",
                "one, three or five hosts with commas between them",
                parse.line,
                "option",
                metavar="HOST[:PORT[:PEER]],...",
            ),
            Parameter(
                "output",
                "an empty directory for the files",
                parse.path,
                "option",
                False,
                metavar="DIR",
                asked=False,
            ),
        ),
        help="Writes etcd's command lines, a systemd unit, a compose file and the commands that make the "
        "certificates. Nothing is run.",
    ),
)
