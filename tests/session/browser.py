"""A page as a headless browser shows it: its elements after the scripts ran, and its pixels."""

from __future__ import annotations

import shutil
import struct
import subprocess
import zlib
from collections import Counter
from pathlib import Path

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser")
_FLAGS = (
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)
Pixel = tuple[int, int, int]


def elements(url: str, profile: Path) -> str:
    """The page's markup once it has been loaded."""
    return _browse(profile, "--dump-dom", url)


def pixels(url: str, profile: Path, *flags: str, size: tuple[int, int] = (500, 400)) -> Counter[Pixel]:
    """How often each colour (red, green, blue) is on the screen."""
    picture = profile / "picture.png"
    profile.mkdir(exist_ok=True)
    _browse(profile, *flags, f"--window-size={size[0]},{size[1]}", f"--screenshot={picture}", url)
    return _colours(picture.read_bytes())


def _browse(profile: Path, *words: str) -> str:
    assert CHROMIUM
    done = subprocess.run(
        [CHROMIUM, *_FLAGS, f"--user-data-dir={profile}", *words],
        check=True,
        capture_output=True,
        text=True,
        timeout=60,
    )
    return done.stdout


def _colours(png: bytes) -> Counter[Pixel]:
    """Of a picture of 8 bits a channel that is not interlaced (PNG specification, 2003)."""
    width, height, depth, kind = struct.unpack(">IIBB", png[16:26])
    assert depth == 8
    assert kind in (2, 6)
    channels = 3 if kind == 2 else 4
    data, place = b"", 8
    while place < len(png):
        (length,) = struct.unpack(">I", png[place : place + 4])
        if png[place + 4 : place + 8] == b"IDAT":
            data += png[place + 8 : place + 8 + length]
        place += length + 12
    raw, stride = zlib.decompress(data), width * channels
    before, found = bytes(stride), Counter[Pixel]()
    for row in range(height):
        start = row * (stride + 1)
        before = _unfiltered(raw[start], raw[start + 1 : start + 1 + stride], before, channels)
        found.update(zip(before[0::channels], before[1::channels], before[2::channels], strict=True))
    return found


def _unfiltered(kind: int, line: bytes, above: bytes, step: int) -> bytes:
    found = bytearray(line)
    for place in range(len(line)):
        left = found[place - step] if place >= step else 0
        up, corner = above[place], above[place - step] if place >= step else 0
        guess = left + up - corner
        nearest = min((left, up, corner), key=lambda value: abs(guess - value))
        found[place] = (line[place] + (0, left, up, (left + up) // 2, nearest)[kind]) & 0xFF
    return bytes(found)
