"""A large file that stays open: its blocks in order, and pieces of it again later."""

from __future__ import annotations

import os
import weakref
from codecs import BOM_UTF8
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

import numpy as np

from roforlmao.compare.bulk.arrays import Places
from roforlmao.compare.bulk.cut import Cut, Form
from roforlmao.compare.bulk.cutter import cut, in_block
from roforlmao.compare.decode import ENCODED, refuse_nul, wide_encoding
from roforlmao.compare.files import changed, open_regular, stamp, too_long
from roforlmao.compare.options import Limits
from roforlmao.progress import Progress
from roforlmao.text import one_line

WIDEST = 2_000  # columns: each takes steps of its own
BLOCK = 1 << 19  # bytes: what belongs to it stays in the processor's cache


class Unsuited(Exception):
    """The file has another encoding than UTF-8, very many columns, or is no text: not to be cut here."""


class Block(NamedTuple):
    """``at`` and ``end`` are its places in the file, ``line`` the number of its first line, from 1."""

    at: int
    end: int
    line: int
    raw: bytes
    cut: Cut

    @property
    def begins(self) -> Places:
        """Where its records begin in ``raw``."""
        found = self.cut.begins
        return found if self.cut.text is self.raw else in_block(found, self.raw)


class Source:
    """Read by offset, never mapped: a file that shrinks would end the launcher with SIGBUS."""

    def __init__(self, path: Path, limits: Limits) -> None:
        self.path = path
        self.name = one_line(str(path))
        self.limits = limits
        self._handle, about = open_regular(path, limits.file)
        weakref.finalize(self, os.close, self._handle)
        self.size = about.st_size
        self._stamp = stamp(about)
        self.start = len(BOM_UTF8) if self.read(0, len(BOM_UTF8)) == BOM_UTF8 else 0

    def read(self, at: int, size: int) -> bytes:
        """So many bytes from there, fewer only at the end. Errors: BadInput (the file was changed)."""
        content = os.pread(self._handle, size, at)
        if len(content) < min(size, self.size - at):
            raise changed(self.name, "while it was read")
        return content

    def check_unchanged(self, when: str) -> None:
        """Errors: BadInput."""
        if stamp(os.fstat(self._handle)) != self._stamp:
            raise changed(self.name, when)

    def check_encoding(self) -> None:
        """Errors: Unsuited, of what has NUL bytes and is text all the same."""
        if wide_encoding(self.read(0, ENCODED), self.size):
            raise Unsuited

    def blocks(self, form: Form, progress: Progress) -> Iterator[Block]:
        """The whole file, cut. Errors: BadInput, Unsuited, Cancelled."""
        progress.start(f"Reading {self.name}", self.size, "B")
        at, line, want = self.start, 1, BLOCK
        while at < self.size:
            progress.checkpoint()
            block = self._block(at, line, want, form)
            if block is None:
                want *= 2
                continue
            yield block
            at, line, want = block.end, line + block.cut.breaks, BLOCK
            progress.update(at, self.size)
        self.check_unchanged("while it was read")

    def _block(self, at: int, line: int, want: int, form: Form) -> Block | None:
        """None where no record ends in so many bytes."""
        raw = self.read(at, want)
        final = at + len(raw) >= self.size
        refuse_nul(raw, self.name, line)
        whole = raw if final else raw[: _last_break(raw) + 1]
        if want > self.limits.line and _first_break(raw) > self.limits.line:
            raise too_long(self.name, line, self.limits.line)
        found = cut(_checked(whole), form, line, final=final) if whole else None
        if found is None or (not found.used and not final):
            if want > self.limits.line:
                raise too_long(self.name, line, self.limits.line)
            return None
        if len(found) and (found.width or int(found.widths.max())) > WIDEST:
            raise Unsuited
        used = len(whole)
        if found.used < len(found.text):
            used = int(in_block(np.array([found.used]), whole)[0])
        return Block(at, at + used, line, whole, found)


def _checked(block: bytes) -> bytes:
    """The same. Errors: Unsuited."""
    if not block.isascii():
        try:
            block.decode()
        except UnicodeDecodeError as error:
            raise Unsuited from error
    return block


def _last_break(raw: bytes) -> int:
    """The last byte that surely ends a line: a return at the very end may be half of a break. -1: none."""
    return max(raw.rfind(b"\n"), raw.rfind(b"\r", 0, len(raw) - 1))


def _first_break(raw: bytes) -> int:
    """The length of the first line, break not included."""
    found = [place for place in (raw.find(b"\n"), raw.find(b"\r")) if place >= 0]
    return min(found, default=len(raw))
