"""What a server is told to do, and what it tells once it does it."""

import json
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Self

from caslie.localhub.running import Running

HOST = "127.0.0.1"
PORT = 8482  # HUB on the keys of a telephone; assigned to nobody
FIRST_USER = "me"


@dataclass(frozen=True, slots=True)
class Order:
    """A Hub to serve; `users` are `NAME:TOKEN[:read]`, `orgs` are `NAME:MEMBER`, and port 0 is any that is free."""

    root: Path
    host: str = HOST
    port: int = PORT
    users: tuple[str, ...] = ()
    orgs: tuple[str, ...] = ()

    def to_json(self) -> str:
        """Write the order for another process; it holds tokens, so it goes through a pipe."""
        return json.dumps(asdict(self) | {"root": str(self.root)})

    @classmethod
    def from_json(cls, text: str) -> Self:
        """Read what `to_json` wrote."""
        content = json.loads(text)
        return cls(
            Path(content["root"]), content["host"], content["port"], tuple(content["users"]), tuple(content["orgs"])
        )


@dataclass(frozen=True, slots=True)
class Started:
    """A server that answers now, and the token of the user it made, if the Hub had none."""

    running: Running
    token: str | None

    def to_json(self) -> str:
        """Write the news for another process."""
        return json.dumps(asdict(self))

    @classmethod
    def from_json(cls, text: str) -> Self:
        """Read what `to_json` wrote."""
        content = json.loads(text)
        return cls(Running(**content["running"]), content["token"])
