"""Names to things: the one registry class, used for corpora and for tasks."""

from collections.abc import Iterator
from typing import Generic, TypeVar

from mmecinstruct.errors import UnknownNameError

T = TypeVar("T")


class Registry(Generic[T]):
    """A table of named things that answers a wrong name with the nearest right one."""

    def __init__(self, kind: str) -> None:
        self._kind = kind
        self._things: dict[str, T] = {}
        self._aliases: dict[str, str] = {}

    def add(self, name: str, thing: T, alias: str = "") -> None:
        """Register `thing` under `name` and, if given, under an alias.

        Raises:
            ValueError: the name or the alias is taken.
        """
        for taken in (name, alias or name):
            if taken in self._things or taken in self._aliases:
                raise ValueError(f"{self._kind} {taken!r} is registered twice")
        self._things[name] = thing
        if alias:
            self._aliases[alias] = name

    def __getitem__(self, name: str) -> T:
        """Look a name or an alias up; an unknown one is an UnknownNameError."""
        key = self._aliases.get(name.lower(), name)
        if key not in self._things:
            raise UnknownNameError(self._kind, name, [*self._things, *self._aliases])
        return self._things[key]

    def __iter__(self) -> Iterator[str]:
        """Yield the names in the order in which they were added."""
        return iter(self._things)

    def values(self) -> Iterator[T]:
        """Yield the things in the order in which they were added."""
        return iter(self._things.values())
