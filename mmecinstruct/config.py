"""Recipes: YAML in, one frozen dataclass out. An unknown key is an error, so a misspelt one cannot go unnoticed."""

import dataclasses
import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from types import UnionType
from typing import Any, Literal, TypeVar, get_args, get_origin, get_type_hints

import yaml

from mmecinstruct.errors import RecipeError
from mmecinstruct.images import FetchRules

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Sizes:
    """Most samples a task gives to each split."""

    train: int = 8000  # Table 3
    validation: int = 1000  # Table 3
    test: int = 1000  # Table 3, "IND"
    ood: int = 1000  # Table 3, "OOD"


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

    def digest(self) -> str:
        """A hash of every value, for cache keys and manifests."""
        return hashlib.sha256(json.dumps(dataclasses.asdict(self), sort_keys=True).encode()).hexdigest()


def load_recipe(name: str) -> Recipe:
    """Read a recipe by path, or by the name of one that comes with the package.

    Raises:
        RecipeError: there is no such recipe, or it says something that is not understood.
    """
    bundled = {path.stem: path for path in sorted((_folder() / "dataset").glob("*.yaml"))}
    path = bundled.get(name, Path(name))
    try:
        content = yaml.safe_load(path.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError) as error:
        raise RecipeError(f"{name}: no such recipe ({error}). Bundled: {', '.join(bundled)}") from error
    except yaml.YAMLError as error:
        raise RecipeError(f"{path}: not YAML: {' '.join(str(error).split())}") from error
    return read(Recipe, content, str(path))


def read(kind: type[T], content: object, where: str) -> T:
    """Make a dataclass of a mapping, checking every key and type.

    Raises:
        RecipeError: the first thing that does not fit, by its path.
    """
    if not isinstance(content, Mapping):
        raise RecipeError(f"{where}: expected keys and values, found {type(content).__name__}")
    hints = get_type_hints(kind)
    fields = {one.name: one for one in dataclasses.fields(kind)}  # type: ignore[arg-type]
    unknown = sorted(map(str, set(content) - set(fields)))
    missing = [
        name
        for name, one in fields.items()
        if name not in content and one.default is dataclasses.MISSING and one.default_factory is dataclasses.MISSING
    ]
    if unknown or missing:
        raise RecipeError(f"{where}: unknown {unknown}, missing {missing}. Known: {', '.join(fields)}")
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
        return {str(key): _value(arguments[1], member, f"{where}: {key}") for key, member in value.items()}
    if origin is UnionType and value is None and type(None) in arguments:
        return None
    if kind is Any or (isinstance(kind, type) and _fits(kind, value)):
        return value
    raise RecipeError(f"{where}: expected {getattr(kind, '__name__', kind)}, found {value!r}")


def _fits(kind: type, value: object) -> bool:
    if isinstance(value, bool):
        return kind is bool
    return isinstance(value, (int, float)) if kind is float else isinstance(value, kind)


def _folder() -> Path:
    installed = Path(__file__).parent / "_recipes"
    return installed if installed.is_dir() else Path(__file__).parent.parent / "recipes"
