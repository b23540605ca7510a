"""Leases of a cluster, asked of whichever member answers."""

from __future__ import annotations

import math
import secrets
from typing import Any, Final

from roforlmao.errors import LeaseLost
from roforlmao.registry.etcd_call import ATTEMPT_S, DEADLINE_S, Caller, Deadline, unary
from roforlmao.registry.etcd_errors import lease_exists
from roforlmao.registry.etcd_link import Link
from roforlmao.registry.etcd_login import Metadata
from roforlmao.registry.etcd_stubs import load

_SHORTEST_ATTEMPT_S: Final = 0.3


def grant(caller: Caller, ttl: float) -> int:
    """A new lease of at least ``ttl`` seconds; a cluster counts in whole ones, from 2 on."""
    api = load()
    lease = secrets.randbits(62) + 1  # chosen here, so that a lost request can be sent again
    request = api.messages.LeaseGrantRequest(TTL=math.ceil(ttl), ID=lease)

    def send(link: Link, timeout: float, metadata: Metadata) -> None:
        try:
            link.lease.LeaseGrant(request, timeout=timeout, metadata=metadata)
        except api.grpc.RpcError as error:
            if not lease_exists(error):  # then an earlier attempt did it
                raise

    caller.read(send)
    return lease


def renew(caller: Caller, lease: int, ttl: float) -> None:
    """Begins the lease's time anew. Errors: LeaseLost, Unavailable.

    Attempts are short where the time to live is: several must fit into what is left of it.
    """
    request = load().messages.LeaseKeepAliveRequest(ID=lease)

    def send(link: Link, timeout: float, metadata: Metadata) -> Any:
        answers = link.lease.LeaseKeepAlive(iter((request,)), timeout=timeout, metadata=metadata)
        return next(answers, None)

    attempt = min(ATTEMPT_S, max(_SHORTEST_ATTEMPT_S, ttl / 8))
    answer = caller.read(send, Deadline(min(DEADLINE_S, ttl / 3)), attempt)
    if answer is None or answer.TTL <= 0:
        raise LeaseLost("The session has expired; what was bound to it is gone.", "Begin a new one.")


def revoke(caller: Caller, lease: int) -> None:
    """Ends the lease with what is bound to it. Errors: LeaseLost where it is over, Unavailable.

    Tries for a moment only: it ends by itself, and who closes a launcher waits for this.
    """
    request = load().messages.LeaseRevokeRequest(ID=lease)
    caller.read(unary("lease", "LeaseRevoke", request), Deadline(ATTEMPT_S))
