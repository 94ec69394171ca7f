"""Recipes: YAML in, one frozen dataclass out. An unknown key is an error, so a misspelt one cannot go unnoticed."""

import dataclasses
import hashlib
import json
import math
import re
import reprlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from difflib import get_close_matches
from pathlib import Path
from types import UnionType
from typing import Any, Literal, TypeVar, Union, get_args, get_origin, get_type_hints

import yaml

from mmecinstruct.errors import RecipeError
from mmecinstruct.images import FetchRules

T = TypeVar("T")

LARGEST = 2**63  # a number beyond it is none for DuckDB, and Python refuses to print one of 4,300 digits
MEMORY = re.compile(r"\d{1,9}(\.\d+)?\s*[KMGT]i?B", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Sizes:
    """Most samples a task gives to each split."""

    train: int = 8000  # Table 3
    validation: int = 1000  # Table 3
    test: int = 1000  # Table 3, "IND"
    ood: int = 1000  # Table 3, "OOD"

    def __post_init__(self) -> None:
        """Refuse a size below nothing."""
        if negative := [one.name for one in dataclasses.fields(self) if getattr(self, one.name) < 0]:
            raise RecipeError(f"sizes.{negative[0]} must not be negative, not {getattr(self, negative[0])}")


@dataclass(frozen=True, slots=True)
class Recipe:
    """Everything that decides what a build contains, apart from the corpora and the templates."""

    name: str
    seed: int = 1  # the predecessor's seed
    sizes: Sizes = Sizes()
    pictures: Literal["inline", "shared"] = "inline"
    box: int = 500  # "medium-size images (500x500 resolution)" (3.3)
    fetch: FetchRules = field(default_factory=FetchRules)
    disjoint: tuple[str, ...] = ()
    memory: str = "1GB"  # what DuckDB may take before it goes to disk
    tasks: dict[str, dict[str, Any]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        """Refuse what DuckDB and Pillow could not obey."""
        if self.box < 1:
            raise RecipeError(f"box must be more than 0, not {self.box}")
        if not MEMORY.fullmatch(self.memory):
            raise RecipeError(f"memory must be a size such as 1GB, not {reprlib.repr(self.memory)}")

    def digest(self) -> str:
        """A hash of every value, for cache keys and manifests."""
        return hashlib.sha256(json.dumps(dataclasses.asdict(self), sort_keys=True).encode()).hexdigest()


def load_recipe(name: str) -> Recipe:
    """Read a recipe by path, or by the name of one that comes with the package.

    Raises:
        RecipeError: there is no such recipe, or it says something that is not understood.
    """
    return load(Recipe, name, recipes_folder() / "dataset")


def load(kind: type[T], name: str, folder: Path, patterns: Sequence[str] = ("*.yaml",)) -> T:
    """Read a YAML file, by path or by the name of one in `folder`, as a dataclass.

    With `extends: NAME` a file stands on another: what it does not say is said there, key by key.

    Raises:
        RecipeError: there is no such recipe, or it says something that is not understood.
    """
    found = sorted(path for pattern in patterns for path in folder.glob(pattern))
    bundled = {path.relative_to(folder).with_suffix("").as_posix(): path for path in found}
    return read(kind, _content(name, bundled, ()), str(bundled.get(name, name)))


def _content(name: str, bundled: Mapping[str, Path], above: tuple[Path, ...]) -> object:
    path = bundled.get(name, Path(name))
    if path in above:
        raise RecipeError(f"{path}: extends itself, by way of {' and '.join(map(str, above))}")
    try:
        content = yaml.safe_load(path.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError) as error:
        near = get_close_matches(name, bundled, n=1)
        hint = f" Did you mean {near[0]!r}?" if near else ""
        raise RecipeError(f"{name}: no such recipe ({error}).{hint} Bundled: {', '.join(bundled)}") from error
    except (yaml.YAMLError, ValueError, RecursionError) as error:  # PyYAML lets the last two through
        raise RecipeError(f"{path}: not YAML: {' '.join(str(error).split())}") from error
    if not isinstance(content, dict) or "extends" not in content:
        return content
    parent = content.pop("extends")
    if not isinstance(parent, str):
        raise RecipeError(f"{path}: extends: expected the name of a recipe, found {_shown(parent)}")
    beside = path.parent / f"{parent}.yaml"
    return _merged(_content(str(beside) if beside.is_file() else parent, bundled, (*above, path)), content)


def _merged(below: object, above: object) -> object:
    if not isinstance(below, Mapping) or not isinstance(above, Mapping):
        return above
    return {**below, **{key: _merged(below.get(key), value) for key, value in above.items()}}


def recipes_folder() -> Path:
    """Where the recipes are that come with the package: in the wheel, or in a checkout."""
    installed = Path(__file__).parent / "_recipes"
    return installed if installed.is_dir() else Path(__file__).parent.parent / "recipes"


def read(kind: type[T], content: object, where: str) -> T:
    """Make a dataclass of a mapping, checking every key and type.

    Raises:
        RecipeError: the first thing that does not fit, by its path.
    """
    if not isinstance(content, Mapping):
        raise RecipeError(f"{where}: expected keys and values, found {type(content).__name__}")
    hints = get_type_hints(kind)
    fields = {one.name: one for one in dataclasses.fields(kind)}  # type: ignore[arg-type]
    unknown = sorted(_shown(key) for key in set(content) - set(fields))
    missing = [
        name
        for name, one in fields.items()
        if name not in content and one.default is dataclasses.MISSING and one.default_factory is dataclasses.MISSING
    ]
    if unknown or missing:
        near = [hit for name in unknown for hit in get_close_matches(name.strip("'"), fields, n=1)]
        hint = f" Did you mean {near[0]!r}?" if near else ""
        raise RecipeError(
            f"{where}: unknown [{', '.join(unknown)}], missing {missing}.{hint} Known: {', '.join(fields)}"
        )
    return kind(**{name: _value(hints[name], value, f"{where}: {name}") for name, value in content.items()})


def _value(kind: Any, value: object, where: str) -> Any:
    if isinstance(kind, type) and dataclasses.is_dataclass(kind):
        return read(kind, value, where)
    origin, arguments = get_origin(kind), get_args(kind)
    if origin is Literal and value in arguments:
        return value
    if origin is tuple and isinstance(value, list):
        kinds = [arguments[0]] * len(value) if arguments[-1] is Ellipsis else list(arguments)
        if len(kinds) == len(value):
            return tuple(_value(one, member, where) for one, member in zip(kinds, value, strict=True))
    if origin in (dict, Mapping) and isinstance(value, Mapping):
        keys = {key: _value(str, key, where) for key in value}
        return {keys[key]: _value(arguments[1], one, f"{where}: {_shown(key)}") for key, one in value.items()}
    if origin in (Union, UnionType):  # only `something | None` occurs
        return None if value is None else _value(arguments[0], value, where)
    if kind is Any or (isinstance(kind, type) and _fits(kind, value)):
        return value
    wanted = f"one of {', '.join(map(str, arguments))}" if origin is Literal else _named(origin or kind)
    raise RecipeError(f"{where}: expected {wanted}, found {_shown(value)}")


def _named(kind: Any) -> str:
    """A type as a writer of YAML knows it."""
    known = {Mapping: "keys and values", dict: "keys and values", tuple: "a list", str: "a text"}
    return known.get(kind, getattr(kind, "__name__", str(kind)))


def _fits(kind: type, value: object) -> bool:
    if isinstance(value, bool):
        return kind is bool
    if isinstance(value, int) and abs(value) >= LARGEST:
        return False
    return _is_number(value) if kind is float else isinstance(value, kind)


def _is_number(value: object) -> bool:
    return isinstance(value, int) or (isinstance(value, float) and not math.isnan(value))


def _shown(value: object) -> str:
    """A value for an error message: of a container its type, since a few lines of YAML can hold a billion words."""
    short = isinstance(value, (str, float)) or (isinstance(value, int) and abs(value) < LARGEST)
    return reprlib.repr(value) if short else type(value).__name__
