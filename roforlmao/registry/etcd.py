"""The shared registry: an etcd v3 cluster, through the stubs of python-etcd3.

Nothing heavy is loaded, and no connection is made, before the first call.
"""

from __future__ import annotations

import time
import weakref
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

from roforlmao.errors import BadInput, Compacted, Denied, RoforlmaoError, Unavailable
from roforlmao.registry import etcd_lease as leases
from roforlmao.registry import etcd_members, queue_lock
from roforlmao.registry import etcd_read as reading
from roforlmao.registry.base import (
    Compare,
    Delete,
    Expect,
    Health,
    Listing,
    Member,
    Position,
    Put,
    Record,
    Registry,
    Session,
)
from roforlmao.registry.checks import check_key, check_operations, check_prefix, check_ttl, compares_of
from roforlmao.registry.etcd_call import Caller
from roforlmao.registry.etcd_errors import only_lacks_rights
from roforlmao.registry.etcd_link import Links
from roforlmao.registry.etcd_login import Login
from roforlmao.registry.etcd_secrets import Secrets
from roforlmao.registry.etcd_watch import EtcdWatch
from roforlmao.registry.etcd_write import Writer
from roforlmao.registry.living import living
from roforlmao.registry.session import KeptSession
from roforlmao.schema import EtcdConfig
from roforlmao.text import counted


class EtcdRegistry(Registry):
    """The registry in the cluster that ``config`` names; relative paths in it begin at ``base``.

    Each call ends within 5 s, whatever the members do. Make it after any fork: gRPC's threads do
    not live on in the child. Errors: ConfigurationError, above all for a password without TLS.
    """

    def __init__(self, config: EtcdConfig, base: Path = Path()) -> None:
        self._secrets = Secrets(config, base)
        self._caller = Caller(Links(config.endpoints, self._secrets), Login(self._secrets))
        self._writer = Writer(self._caller)
        self._watches: weakref.WeakValueDictionary[int, EtcdWatch] = weakref.WeakValueDictionary()
        self._sessions: weakref.WeakValueDictionary[int, KeptSession] = weakref.WeakValueDictionary()

    def get(self, key: str) -> Record | None:
        found = reading.get(self._caller, check_key(key))
        self._writer.note(key, found.revision if found else 0)
        return found

    def list(self, prefix: str, page: int = 5000) -> Listing:
        check_prefix(prefix)
        if page < 1:
            raise BadInput(f"A page of {page} keys holds none.", "At least 1.")
        return reading.listing(self._caller, prefix, page)

    def keys(self, prefix: str) -> Sequence[str]:
        return reading.keys(self._caller, check_prefix(prefix))

    def position(self, prefix: str) -> Position:
        """Where the store stands, read linearizably; for whoever may read below the prefix."""
        return reading.position(self._caller, check_prefix(prefix))

    def pages(
        self, prefix: str, wanted: reading.Wanted = reading.EVERYTHING, page: int = 5000
    ) -> Iterator[reading.Page]:
        """What is wanted of a prefix, at one revision. Errors: Compacted, Unavailable, Denied."""
        return reading.pages(self._caller, check_prefix(prefix), page, wanted)

    def put(self, key: str, value: bytes, expect: Expect = None, lease: int = 0) -> int:
        return self.transaction(compares_of(key, expect), (Put(key, value, lease),))

    def delete(self, key: str, expect: Expect = None) -> bool:
        check_key(key)
        return self._writer.transaction(compares_of(key, expect), (Delete(key),)).deleted > 0

    def transaction(self, compares: Sequence[Compare], operations: Sequence[Put | Delete]) -> int:
        check_operations(compares, operations)
        return self._writer.transaction(compares, operations).revision

    def watch(self, prefix: str, from_revision: int | None = None) -> EtcdWatch:
        """As the contract says. Errors: Compacted, Denied, Unavailable."""
        check_prefix(prefix)
        now = reading.revision(self._caller, prefix)
        position = now + 1 if from_revision is None else max(1, from_revision)
        if position <= now:
            self._check_kept(prefix, position)
        watch = EtcdWatch(self._caller, prefix, position)
        self._watches[id(watch)] = watch
        return watch

    def _check_kept(self, prefix: str, position: int) -> None:
        try:
            reading.revision(self._caller, prefix, position)
        except Compacted as error:
            raise Compacted(
                f"Revision {position} is no longer kept by the cluster.", "List again."
            ) from error

    def session(self, ttl: float, on_lost: Callable[[], None] | None = None) -> Session:
        check_ttl(ttl)
        granted = time.monotonic()
        lease = leases.grant(self._caller, ttl)
        session = KeptSession(
            lease,
            ttl,
            granted=granted,
            renew=lambda: leases.renew(self._caller, lease, ttl),
            revoke=lambda: leases.revoke(self._caller, lease),
            on_lost=on_lost,
        )
        self._sessions[lease] = session
        return session

    def lock(self, name: str, session: Session, timeout: float = 5.0) -> queue_lock.QueueLock:
        return queue_lock.acquire(self, name, session, timeout)

    def members(self) -> Sequence[Member]:
        return etcd_members.members(self._caller)

    def health(self) -> Health:
        """Whether a majority answers, and how many members do."""
        try:
            self._ask_majority()
            members = self.members()
        except RoforlmaoError as error:
            return Health(False, error.message, error.hint, away=isinstance(error, Unavailable))
        well = [member for member in members if member.healthy]
        version = well[0].version if well else "etcd"
        detail = f"{version}, {len(well)} of {counted(len(members), 'member')} answer"
        return Health(True, detail, self._secrets.exposed())

    def _ask_majority(self) -> None:
        try:
            reading.get(self._caller, "/")
        except Denied as error:  # the namespace, which may be allowed, is not known here
            if not only_lacks_rights(error):
                raise

    def close(self) -> None:
        """Ends its sessions and watches, then its connections."""
        for session in living(self._sessions):
            session.close()
        for watch in living(self._watches):
            watch.close()
        self._caller.close()
