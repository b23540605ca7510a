"""Rows that were left when equal ones cancelled: which belong together."""

from __future__ import annotations

import numpy as np

from roforlmao.compare.bulk.arrays import Flags, Hashes, Numbers, Pairs, Partners, Places
from roforlmao.compare.bulk.match import Matched, Ordered, alone, match, ordered
from roforlmao.compare.bulk.rows import Records
from roforlmao.compare.cells import Same, differing
from roforlmao.compare.keys import Key
from roforlmao.compare.pairing import Cancelled, Pairing, pair_rest
from roforlmao.progress import Progress

_BATCH = 1_000  # pairs between two looks at the progress


def pair_by_key(matched: Matched, keys: tuple[Hashes, Hashes] | None, progress: Progress) -> Pairing:
    """Rows whose keys have the same hash, in order of occurrence; without keys none."""
    if keys is None:
        return _pairing(matched, Pairs(_NONE, _NONE), matched.lone_old, matched.lone_new)
    old, new = keys
    found = match(ordered(old), ordered(new), progress.checkpoint)
    paired = found.partner >= 0
    partner = found.partner[paired]
    changed = Pairs(matched.lone_old[paired], matched.lone_new[partner])
    return _pairing(matched, changed, matched.lone_old[found.lone_old], matched.lone_new[found.lone_new])


def pair_near(
    matched: Matched,
    keys: tuple[Hashes, Hashes] | None,
    key: Key,
    records: tuple[Records, Records],
    same: Same,
    progress: Progress,
) -> Pairing:
    """As ``pair_by_key``, but rows that are near each other are the same; ``matched`` then knows them."""
    rest_old, rest_new = matched.lone_old, matched.lone_new
    singles = Pairs(_NONE, _NONE)
    if keys is not None:
        singles, single_old, single_new = _singles(matched, keys, progress)
        rest_old, rest_new = rest_old[~single_old], rest_new[~single_new]
    apart = np.ones(len(singles), np.bool_)
    for turn, (i, j) in enumerate(singles):
        if turn % _BATCH == 0:
            progress.update(turn, len(singles))
            progress.checkpoint()
        apart[turn] = bool(differing(records[0][i], records[1][j], same))
    lists: Cancelled = ([], rest_old.tolist(), rest_new.tolist())
    rest = pair_rest(*records, lists, key, same, exact=False, progress=progress)
    near = np.array([*rest.same, *zip(singles.old[~apart], singles.new[~apart], strict=True)], np.int64)
    matched.partner[near.reshape(-1, 2)[:, 0]] = near.reshape(-1, 2)[:, 1]
    changed = np.array(
        [*rest.changed, *zip(singles.old[apart], singles.new[apart], strict=True)], np.int64
    ).reshape(-1, 2)
    changed = changed[np.argsort(changed[:, 0])]
    return _pairing(
        matched,
        Pairs(changed[:, 0], changed[:, 1]),
        np.array(rest.removed, np.int64),
        np.array(rest.added, np.int64),
    )


_NONE: Places = np.empty(0, np.int64)


def _pairing(matched: Matched, changed: Pairs, removed: Places, added: Places) -> Pairing:
    return Pairing(Partners(matched.partner), changed, Numbers(removed), Numbers(added))


def _singles(matched: Matched, keys: tuple[Hashes, Hashes], progress: Progress) -> tuple[Pairs, Flags, Flags]:
    """Pairs whose key no other row that was left has, and which of those rows they are."""
    old, new = (ordered(hashes) for hashes in keys)
    found = match(old, new, progress.checkpoint)
    once_old, once_new = _once(old), _once(new)
    paired = (found.partner >= 0) & once_old
    paired[paired] = once_new[found.partner[paired]]
    partner = found.partner[paired]
    taken = np.zeros(len(once_new), np.bool_)
    taken[partner] = True
    return Pairs(matched.lone_old[paired], matched.lone_new[partner]), paired, taken


def _once(found: Ordered) -> Flags:
    """For each place, whether its hash comes once."""
    once = np.empty(len(found.places), np.bool_)
    once[found.places] = alone(found.hashes)
    return once
