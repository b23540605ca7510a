"""python-etcd3's gRPC stubs, made to work with the protobuf of today.

``etcd3`` 0.12.0 carries three modules that protobuf 3 generated and that later ones refuse to
import ("Descriptors cannot be created directly"). The descriptors in them are sound: they are read
from the source and their messages built anew, in a descriptor pool of their own so that they
cannot collide with those of another library in this process.
"""

from __future__ import annotations

import ast
import os
import re
import sys
from dataclasses import dataclass
from functools import cache
from importlib.util import find_spec
from pathlib import Path
from types import ModuleType
from typing import Any, Final

from roforlmao.errors import Unavailable

_WAKES_S: Final = 2.0
_FILES: Final = ("kv", "auth", "rpc")  # each needs those before it
_SERIALIZED: Final = re.compile(r"serialized_pb=_b\(('(?:[^'\\\n]|\\.)*')\)")


@dataclass(frozen=True)
class Api:
    """The libraries, loaded: ``messages`` and ``services`` are those of etcd's rpc.proto."""

    grpc: Any
    messages: Any
    services: Any


@cache
def load() -> Api:
    """Loads grpc and the stubs, which takes some 100 ms. Errors: Unavailable where they are missing."""
    # Must be set before the first import: gRPC's own log lines would be drawn over the prompt.
    os.environ.setdefault("GRPC_VERBOSITY", "NONE")
    try:
        import grpc  # type: ignore[import-untyped]

        _wake_less(grpc)
        _rebuild()
        from etcd3.etcdrpc import rpc_pb2, rpc_pb2_grpc
    except ImportError as error:
        raise Unavailable(
            f"The libraries for an etcd registry do not load: {error}.",
            "Install what requirements.txt names, as `make run` does.",
        ) from error
    return Api(grpc, rpc_pb2, rpc_pb2_grpc)


def _wake_less(grpc: Any) -> None:
    """Halves what an idle watch costs.

    gRPC wakes whoever waits for a message ten times a second, so that a main thread hears signals
    (https://github.com/grpc/grpc/issues/19464); ours wait in threads of their own.
    """
    common: Any = getattr(grpc, "_common", None)  # its own part: where it changes, nothing else does
    if hasattr(common, "MAXIMUM_WAIT_TIMEOUT"):
        common.MAXIMUM_WAIT_TIMEOUT = _WAKES_S


def _rebuild() -> None:
    from google.protobuf.descriptor_pool import DescriptorPool  # type: ignore[import-untyped]

    spec = find_spec("etcd3")
    if spec is None or not spec.submodule_search_locations:
        raise ImportError("etcd3 is not installed")
    place = Path(spec.submodule_search_locations[0]) / "etcdrpc"
    pool = DescriptorPool()
    for name in _FILES:
        pool.AddSerializedFile(_serialized(place / f"{name}_pb2.py"))
        full_name = f"etcd3.etcdrpc.{name}_pb2"
        sys.modules[full_name] = _module(full_name, pool.FindFileByName(f"{name}.proto"))


def _serialized(path: Path) -> bytes:
    """The descriptor that a generated module holds; the module itself is not run."""
    found = _SERIALIZED.search(path.read_text(encoding="utf-8"))
    if found is None:
        raise ImportError(f"{path} holds no descriptor; it is not that of etcd3 0.12.0")
    return str(ast.literal_eval(found[1])).encode("latin-1")


def _module(name: str, descriptor: Any) -> ModuleType:
    """What the generated module would have held: messages, enumerations and their values."""
    from google.protobuf.internal.enum_type_wrapper import EnumTypeWrapper  # type: ignore[import-untyped]
    from google.protobuf.message_factory import GetMessageClass  # type: ignore[import-untyped]

    module = ModuleType(name)
    vars(module)["DESCRIPTOR"] = descriptor
    for message in descriptor.message_types_by_name.values():
        setattr(module, message.name, GetMessageClass(message))
    for enumeration in descriptor.enum_types_by_name.values():
        setattr(module, enumeration.name, EnumTypeWrapper(enumeration))
        for value in enumeration.values:
            setattr(module, value.name, value.number)
    return module
