"""Who the members of a cluster are, and how they do."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final
from urllib.parse import urlsplit

from roforlmao.registry.base import Member
from roforlmao.registry.etcd_call import Caller, unary
from roforlmao.registry.etcd_stubs import load
from roforlmao.text import one_line

_STATUS_S: Final = 1.0


def members(caller: Caller) -> Sequence[Member]:
    """All that the cluster knows, by name; each is asked itself how it does, all at once."""
    messages = load().messages
    listed = caller.read(unary("cluster", "MemberList", messages.MemberListRequest())).members
    asked = [(one, _endpoint(one, caller.links.endpoints)) for one in listed]
    pending = [_ask(caller, endpoint) for _, endpoint in asked]
    found = [
        _member(one, endpoint, _answer(future))
        for (one, endpoint), future in zip(asked, pending, strict=True)
    ]
    return tuple(sorted(found, key=lambda member: (member.name, member.endpoint)))


def _endpoint(member: Any, configured: Sequence[str]) -> str:
    """Where clients reach it: the configured name for it, where there is one."""
    advertised = [urlsplit(url).netloc for url in member.clientURLs]
    return next((one for one in advertised if one in configured), advertised[0] if advertised else "")


def _ask(caller: Caller, endpoint: str) -> Any:
    link = caller.links.to(endpoint) if endpoint else None
    return link and link.maintenance.Status.future(load().messages.StatusRequest(), timeout=_STATUS_S)


def _answer(future: Any) -> Any:
    """The member's status, None where it does not answer."""
    try:
        return future and future.result()
    except load().grpc.RpcError:
        return None


def _member(listed: Any, endpoint: str, status: Any) -> Member:
    leads = status is not None and status.leader == status.header.member_id
    version = f"etcd {one_line(status.version, 20)}" if status is not None else ""
    healthy = status is not None and status.leader != 0
    return Member(one_line(listed.name, 60), one_line(endpoint, 100), version, leads, healthy)
