"""The header of a safetensors file, read without torch: which tensors it holds, and whether it holds them whole."""

import json
import math
import struct
from dataclasses import dataclass
from pathlib import Path
from typing import Any, BinaryIO

from caslie.errors import PushError

BITS = {"BOOL": 8, "U8": 8, "I8": 8, "F8_E4M3": 8, "F8_E5M2": 8, "I16": 16, "U16": 16, "F16": 16, "BF16": 16}
BITS |= {"I32": 32, "U32": 32, "F32": 32, "I64": 64, "U64": 64, "F64": 64}
LONGEST = 100_000_000  # bytes; the limit of the safetensors library


@dataclass(frozen=True, slots=True)
class Tensor:
    """A tensor of the file, without its numbers."""

    name: str
    dtype: str
    shape: tuple[int, ...]

    @property
    def parameters(self) -> int:
        """The count of its numbers."""
        return math.prod(self.shape)


def read_tensors(path: Path) -> tuple[Tensor, ...]:
    """Read what a safetensors file holds, by name.

    Raises:
        PushError: it is missing, cut short, or another format; a pickle is never opened.
    """
    try:
        with path.open("rb") as file:
            header, size = _header(file), path.stat().st_size - file.tell()
        return _tensors(header, size)
    except (OSError, ValueError, KeyError, TypeError, AttributeError, RecursionError, struct.error) as error:
        raise PushError(f"{path}: no whole safetensors file: {error!r}; save it again") from error


def _header(file: BinaryIO) -> dict[str, Any]:
    (length,) = struct.unpack("<Q", file.read(8))
    if length > LONGEST:
        raise ValueError(f"a header of {length} bytes")
    header: dict[str, Any] = json.loads(file.read(length))
    return header


def _tensors(header: dict[str, Any], size: int) -> tuple[Tensor, ...]:
    entries = sorted((one["data_offsets"], name, one) for name, one in header.items() if name != "__metadata__")
    if not entries:
        raise ValueError("no tensors")
    tensors, end = [], 0
    for (start, stop), name, one in entries:
        tensor = Tensor(name, one["dtype"], tuple(one["shape"]))
        if start != end or stop - start != tensor.parameters * BITS[tensor.dtype] // 8:
            raise ValueError(f"the bytes of {name!r} are not where they should be")
        tensors.append(tensor)
        end = stop
    if end != size:
        raise ValueError(f"{size} bytes of tensors where {end} are announced")
    return tuple(sorted(tensors, key=lambda one: one.name))
