"""The sample's container tool: an image made on the spot from a static busybox, without any pull."""

from __future__ import annotations

import hashlib
import io
import os
import shutil
import tarfile
from collections.abc import Mapping
from pathlib import Path
from typing import Literal

_COLLECT = """\
set -eu
day=${1:-$(date -u +%Y-%m-%d)}
cd /usr/src/app/data
echo device,directory,type > "mounts-$day.csv"
while read -r device directory type rest; do
    echo "$device,$directory,$type" >> "mounts-$day.csv"
done < /proc/mounts
rows=$(($(wc -l < "mounts-$day.csv") - 1))
echo "$rows" > "control-$day.csv"
echo "$rows mounts on $day"
"""
_COMMANDS = ("sh", "date", "wc")
_CHANGES = (
    'ENTRYPOINT ["/bin/sh", "/collect.sh"]',
    'LABEL org.opencontainers.image.title="container-mounts"',
    'LABEL org.opencontainers.image.description="Lists what a container of this machine has mounted"',
)
_ELF_INTERPRETER = 3  # PT_INTERP: the program wants a dynamic linker, see elf(5)


def image_name(place: Path) -> str:
    """One for each sample; ``localhost`` so that no engine asks Docker Hub for it."""
    return f"localhost/roforlmao-sample/mounts:{hashlib.sha256(os.fsencode(place)).hexdigest()[:12]}"


def static_busybox() -> Path | None:
    """The program that the image is made of; None where there is none that runs by itself."""
    found = shutil.which("busybox")
    return Path(found) if found and _is_static(Path(found)) else None


def make_image(place: Path, busybox: Path, environ: Mapping[str, str]) -> str:
    """Replaces the image of an earlier sample there; returns its name. Errors: EngineFailed and its kin."""
    from roforlmao.containers.engine import connect
    from roforlmao.containers.images import import_image, remove_image

    name = image_name(place)
    with connect(environ) as engine:
        remove_image(engine, name)
        import_image(engine, name, _root(busybox), _CHANGES)
    return name


def _root(busybox: Path) -> bytes:
    """A tar archive: busybox, the names of it that the collector calls, and the collector."""
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode="w") as archive:
        for directory, mode in (("bin", 0o755), ("tmp", 0o1777)):
            info = tarfile.TarInfo(directory)
            info.type, info.mode = tarfile.DIRTYPE, mode
            archive.addfile(info)
        _add(archive, "bin/busybox", busybox.read_bytes())
        for command in _COMMANDS:
            info = tarfile.TarInfo(f"bin/{command}")
            info.type, info.linkname = tarfile.SYMTYPE, "busybox"
            archive.addfile(info)
        _add(archive, "collect.sh", _COLLECT.encode())
    return out.getvalue()


def _add(archive: tarfile.TarFile, name: str, content: bytes) -> None:
    info = tarfile.TarInfo(name)
    info.size, info.mode = len(content), 0o755
    archive.addfile(info, io.BytesIO(content))


def _is_static(program: Path) -> bool:
    """Whether none of its program headers asks for a dynamic linker."""
    with program.open("rb") as handle:
        head = handle.read(4096)
    if head[:4] != b"\x7fELF" or head[4] != 2:  # 64 bits, as all that the engines run on
        return False
    order: Literal["little", "big"] = "little" if head[5] == 1 else "big"
    start = int.from_bytes(head[32:40], order)
    size, number = int.from_bytes(head[54:56], order), int.from_bytes(head[56:58], order)
    kinds = [head[start + size * i : start + size * i + 4] for i in range(number)]
    return all(int.from_bytes(kind, order) != _ELF_INTERPRETER for kind in kinds)
