"""Files that a container left to another user become the operator's, so that git can commit them.

It needs no program in the image and no privilege here: the engine hands out an archive of the files
and takes it back with the operator as their owner (ContainerArchive, PutContainerArchive). The
container has ended by then, so that nothing changes meanwhile.
"""

from __future__ import annotations

import io
import os
import stat
import tarfile
import tempfile
from collections.abc import Iterator
from pathlib import Path, PurePosixPath
from typing import IO, TYPE_CHECKING

from roforlmao.containers.faults import translating
from roforlmao.containers.plan import DATA
from roforlmao.errors import EngineFailed

if TYPE_CHECKING:
    from roforlmao.containers.engine import Engine

_SINGLE = 20  # paths; for more of them the whole directory is asked for at once
_CHUNK = 1 << 20
_IN_MEMORY = 8 << 20
_ABOVE = "/above"


def take_over(engine: Engine, container: str, data: Path) -> int:
    """Makes all below ``data`` the operator's, and says how many paths were not.

    Errors: EngineFailed and its kin.
    """
    owner = os.getuid()
    if data.stat().st_uid != owner:
        _take_top(engine, container, data)
    foreign = list(_foreign(data, "", owner))
    for path in foreign if len(foreign) <= _SINGLE else [""]:
        _take(engine, container, path)
    left = next(_foreign(data, "", owner), None)
    if left is not None:
        raise EngineFailed(
            f"{data / left} does not belong to you.", f"Take it over with: sudo chown -R $USER {data}"
        )
    return len(foreign)


def _take_top(engine: Engine, container: str, data: Path) -> None:
    """The directory itself, which an archive can only reach from above it.

    So it goes through a second container that has the directory above and is never started.
    """
    from docker.types import Mount

    found = data.stat()
    header = tarfile.TarInfo(data.name)
    header.type, header.mode, header.mtime = tarfile.DIRTYPE, stat.S_IMODE(found.st_mode), found.st_mtime
    header.uid, header.gid = os.getuid(), os.getgid()
    archive = io.BytesIO()
    with tarfile.open(fileobj=archive, mode="w") as target:
        target.addfile(header)
    with translating("handing over the data directory"):
        image = engine.api.inspect_container(container)["Image"]
        mounts = [Mount(_ABOVE, str(data.parent), type="bind")]
        made = engine.api.create_container(
            image, ["none"], host_config=engine.api.create_host_config(mounts=mounts)
        )
        try:
            engine.api.put_archive(made["Id"], _ABOVE, archive.getvalue())
        finally:
            engine.api.remove_container(made["Id"])


def _foreign(top: Path, below: str, owner: int) -> Iterator[str]:
    """What does not belong to the owner; below a directory of another user is not looked."""
    with os.scandir(top / below) as entries:
        for entry in entries:
            path = below + entry.name
            if path == ".git":
                continue
            if entry.stat(follow_symlinks=False).st_uid != owner:
                yield path
            elif entry.is_dir(follow_symlinks=False):
                yield from _foreign(top, path + "/", owner)


def _take(engine: Engine, container: str, path: str) -> None:
    """One path with all below it or, for '', what is in the directory itself."""
    asked = PurePosixPath(DATA, path)
    given = asked if not path else asked.parent
    with (
        tempfile.SpooledTemporaryFile(_IN_MEMORY) as before,
        tempfile.SpooledTemporaryFile(_IN_MEMORY) as after,
    ):
        with translating("fetching what the tool left"):
            chunks, _ = engine.api.get_archive(container, f"{asked}/." if not path else str(asked), _CHUNK)
            for chunk in chunks:
                before.write(chunk)
        before.seek(0)
        _rewrite(before, after)
        after.seek(0)
        with translating("handing over what the tool left"):
            engine.api.put_archive(container, str(given), after)


def _rewrite(before: IO[bytes], after: IO[bytes]) -> None:
    """The members of another user, with the operator as their owner."""
    with tarfile.open(fileobj=before, mode="r|") as source, tarfile.open(fileobj=after, mode="w|") as target:
        for member in source:
            if member.uid == os.getuid() or PurePosixPath(member.name).parts[:1] == (".git",):
                continue
            member.uid, member.gid = os.getuid(), os.getgid()
            member.uname = member.gname = ""
            target.addfile(member, source.extractfile(member) if member.isreg() else None)
