"""How far a pull is: what its events say of each layer, told as parts of one step."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from roforlmao.progress import Progress
from roforlmao.text import one_line

_HERE = ("Download complete", "Verifying Checksum", "Extracting", "Pull complete", "Already exists")
_DONE = ("Pull complete", "Already exists")
_KNOWN = (*_HERE, "Pulling fs layer", "Waiting", "Downloading")


@dataclass
class _Layer:
    """Bytes: ``size`` is 0 until it is known; ``unpacked`` only moves when it has come."""

    size: int = 0
    come: int = 0
    unpacked: int = 0
    here: bool = False


class Layers:
    """First all layers come, then the last of them are unpacked: two steps, each with a total."""

    def __init__(self, progress: Progress, name: str) -> None:
        self._progress = progress
        self._name = one_line(name, 80)
        self._layers: dict[str, _Layer] = {}
        self._unpacking = False
        progress.start(f"Pulling {self._name}", unit="B")

    def tell(self, event: Mapping[str, Any]) -> None:
        """One event of the engine's; those of no layer are passed over."""
        status, place = str(event.get("status", "")), str(event.get("id", ""))
        if status.startswith("Retrying"):
            self._progress.log(f"{place}: {status}")
        if not place or status not in _KNOWN:
            return
        layer = self._layers.setdefault(place, _Layer())
        self._note(layer, status, event.get("progressDetail") or {})
        if not self._unpacking and all(one.here for one in self._layers.values()) and layer.size:
            self._unpacking = True
            self._progress.start(f"Unpacking {self._name}", unit="B")
        self._show(place, layer, status)

    def _note(self, layer: _Layer, status: str, detail: Mapping[str, Any]) -> None:
        layer.size = max(layer.size, _count(detail.get("total")))
        if status == "Downloading":
            layer.come = _count(detail.get("current"))
        elif status == "Extracting":
            layer.unpacked = _count(detail.get("current"))
        if status in _HERE:
            layer.here, layer.come = True, layer.size
        if status in _DONE:
            layer.unpacked = layer.size

    def _show(self, place: str, layer: _Layer, status: str) -> None:
        done = layer.unpacked if layer.here and self._unpacking else layer.come
        ended = status in _DONE or (layer.here and not self._unpacking)
        self._progress.part(place, done, layer.size or None, note=status.lower(), ended=ended)
        every = self._layers.values()
        total = sum(one.size for one in every)
        self._progress.update(
            sum(one.unpacked if self._unpacking else one.come for one in every), total or None
        )


def _count(found: Any) -> int:
    return found if isinstance(found, int) and found > 0 else 0
