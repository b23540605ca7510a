"""A claim in the registry that guards a later write: one who was away for too long is refused."""

from __future__ import annotations

from dataclasses import dataclass

from roforlmao.errors import Conflict, LeaseLost
from roforlmao.registry.base import Compare, Expect, Put, Registry
from roforlmao.registry.checks import compares_of


@dataclass(frozen=True)
class Fence:
    """The claim at ``key`` that was created at revision ``created``; ``done`` takes its place for good.

    A claim that goes with its lease leaves no key of that creation revision, and the one who takes it
    over creates another: the compare of a late holder then fails, whatever it believes of its lease.
    """

    key: str
    created: int
    done: bytes

    @property
    def guard(self) -> Compare:
        return Compare(self.key, self.created, by_creation=True)

    def put(self, registry: Registry, key: str, value: bytes, expect: Expect) -> int:
        """Writes the key and settles the claim, both or neither.

        Errors: LeaseLost where the claim is gone, Conflict where the key is not as expected, and those
        of the registry.
        """
        compares = [self.guard, *compares_of(key, expect)]
        try:
            return registry.transaction(compares, [Put(key, value), Put(self.key, self.done)])
        except Conflict as error:
            self.check(registry, error)
            raise

    def settle(self, registry: Registry) -> None:
        """Settles the claim alone, unless it is settled. Errors: LeaseLost."""
        found = registry.get(self.key)
        if found is not None and (found.create_revision, found.value) == (self.created, self.done):
            return
        try:
            registry.transaction([self.guard], [Put(self.key, self.done)])
        except Conflict as error:
            raise self._lost() from error

    def check(self, registry: Registry, cause: Exception | None = None) -> None:
        """Errors: LeaseLost where the claim is no longer ours."""
        found = registry.get(self.key)
        if found is None or found.create_revision != self.created:
            raise self._lost() from cause

    def _lost(self) -> LeaseLost:
        return LeaseLost(
            f"The claim {self.key} was lost: this launcher was away for longer than its lease.",
            "Another operator may have taken it; nothing was announced.",
        )
