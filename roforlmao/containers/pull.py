"""Pulls an image by its digest: a bar per layer and in total, stopped by Ctrl-C or a registry that hangs.

``docker.images.pull`` gives the old image, without an error, where a pull was cut (measured with docker
7.2): here an ``error`` event raises, and the image has to be there under its digest afterwards.
"""

from __future__ import annotations

import queue
import threading
import time
from collections.abc import Iterator, Mapping
from typing import Any

from roforlmao.containers.engine import STALL_S, Engine
from roforlmao.containers.images import Image, check_architecture, find_image
from roforlmao.containers.layers import Layers
from roforlmao.containers.pullfaults import cut, pull_failed, refusal, stalled
from roforlmao.progress import Progress

Event = Mapping[str, Any]
_LOOK_S = 0.1  # seconds between two looks for Ctrl-C


def pull(engine: Engine, name: str, progress: Progress, *, stall_s: float = STALL_S) -> Image:
    """The image of that name, which should hold a digest, as the registry has it now.

    Errors: ImageNotFound, ImageDenied, ImageArchitecture, Unreachable (registry down, stalled, cut),
    StorageFailed, EngineFailed, Cancelled.
    """
    layers, proofs = Layers(progress, name), set[str]()
    progress.checkpoint()
    stream = _Stream(engine, name)
    try:
        for event in stream.events(progress, stall_s):
            if "error" in event:
                raise refusal(str((event.get("errorDetail") or {}).get("message") or event["error"]), name)
            layers.tell(event)
            proofs |= _proofs(event)
    finally:
        stream.stop()
    image = find_image(engine, name)
    if image is None or not any(
        image.digest == one or image.id.startswith(f"sha256:{one}") for one in proofs
    ):
        raise cut(name)
    check_architecture(engine, name, image)
    return image


def _proofs(event: Event) -> set[str]:
    """What shows at the end which image came: the digest, or with Podman the beginning of its id."""
    status, place = str(event.get("status", "")), str(event.get("id", ""))
    if status.startswith("Digest: "):
        return {status.removeprefix("Digest: ").strip()}
    return {place} if len(place) >= 12 and status in ("Pull complete", "Download complete") else set()


class _Stream:
    """The events of one pull, read in a thread of its own so that no read holds up Ctrl-C."""

    def __init__(self, engine: Engine, name: str) -> None:
        self._engine, self._name = engine, name
        self._arrived: queue.SimpleQueue[Event | BaseException | None] = queue.SimpleQueue()
        self._answer: Any = None
        self._stopped = False
        engine.api.hooks["response"].append(self._keep)
        threading.Thread(target=self._read, daemon=True, name="pull").start()

    def events(self, progress: Progress, stall_s: float) -> Iterator[Event]:
        heard = time.monotonic()
        while True:
            progress.checkpoint()
            try:
                arrived = self._arrived.get(timeout=_LOOK_S)
            except queue.Empty:
                if time.monotonic() - heard > stall_s:
                    raise stalled(self._name) from None
                continue
            heard = time.monotonic()
            if arrived is None:
                return
            if isinstance(arrived, BaseException):
                raise pull_failed(arrived, self._name) from arrived
            yield arrived

    def stop(self) -> None:
        """Hangs up; the engine then gives up the pull. Harmless when it has ended."""
        self._stopped = True
        self._engine.api.hooks["response"].remove(self._keep)
        self._hang_up()

    def _read(self) -> None:
        try:
            for event in self._engine.api.pull(self._name, stream=True, decode=True):
                self._arrived.put(event)
        except Exception as error:  # noqa: BLE001 (handed over, whatever it is, to be raised by `events`)
            self._arrived.put(error)
        finally:
            self._arrived.put(None)
            if self._answer is not None:
                self._answer.close()

    def _keep(self, answer: Any, **_options: Any) -> None:
        """Called by requests once the answer begins, which may be after Ctrl-C."""
        self._answer = answer
        if self._stopped:
            self._hang_up()

    def _hang_up(self) -> None:
        if self._answer is not None and not self._answer.raw.closed:
            self._answer.raw.shutdown()
