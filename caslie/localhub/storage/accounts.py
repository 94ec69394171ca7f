"""Who may do what: users with their tokens, and organisations. Tokens are kept as digests, never as they are."""

import hashlib
import json
import re
import secrets
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal, Self

from caslie.errors import LocalHubError
from caslie.localhub.errors import bad_token, forbidden, not_logged_in
from caslie.localhub.storage.objects import write_whole

Role = Literal["read", "write"]

USER = re.compile(r"[A-Za-z0-9]([A-Za-z0-9-]{0,38}[A-Za-z0-9])?")
# They begin the paths of pages and of the API.
RESERVED = ("api", "datasets", "lfs", "login", "logout", "models", "spaces", "static", "xet")
TOKEN = re.compile(r"[!-~]{8,200}")  # what an HTTP header carries as it is


@dataclass(frozen=True, slots=True)
class Caller:
    """Who asks: a user with the role of the token at hand, or nobody (`name` is None)."""

    name: str | None
    role: Role
    orgs: tuple[str, ...]

    @property
    def namespaces(self) -> tuple[str, ...]:
        """Where this caller is at home."""
        return (self.name, *self.orgs) if self.name else ()

    def may_read(self, namespace: str) -> bool:
        """Tell whether private repositories there are this caller's to see."""
        return namespace in self.namespaces

    def must_write(self, namespace: str) -> None:
        """Refuse a caller who may not write there, with the reason."""
        if self.name is None:
            raise not_logged_in()
        if self.role != "write":
            raise forbidden(f"this token of {self.name} may only read; writing needs a token with the role `write`")
        if namespace not in self.namespaces:
            raise forbidden(f"{self.name} has no rights in the namespace {namespace}")


NOBODY = Caller(None, "read", ())


@dataclass(slots=True)
class Accounts:
    """All users and organisations of a Hub."""

    # The sha256 of each token, and what it may do.
    users: dict[str, dict[str, Role]] = field(default_factory=dict)
    orgs: dict[str, list[str]] = field(default_factory=dict)

    @classmethod
    def read(cls, path: Path) -> Self:
        """Read what `write` wrote; a Hub that has none yet has no accounts."""
        try:
            content = json.loads(path.read_text(encoding="utf-8"))
            return cls(
                {name: dict(tokens) for name, tokens in content["users"].items()},
                {name: list(members) for name, members in content["orgs"].items()},
            )
        except FileNotFoundError:
            return cls()
        except (ValueError, KeyError, TypeError, AttributeError) as error:
            raise LocalHubError(f"{path}: not the accounts of a Hub ({error}); move it away to start anew") from error

    def write(self, path: Path, unfinished: Path) -> None:
        """Keep the accounts for the next start."""
        content = json.dumps({"users": self.users, "orgs": self.orgs}, indent=1, sort_keys=True)
        write_whole(path, content.encode(), unfinished)

    def add_user(self, name: str, token: str, role: Role) -> None:
        """Give a user a token; a user may have several."""
        self._check_name(name, "a user's name")
        if name in self.orgs:
            raise LocalHubError(f"{name!r} is an organisation already")
        if not TOKEN.fullmatch(token):
            raise LocalHubError(f"the token of {name} must be 8 to 200 printable characters without spaces")
        owner = self._owner(_digest(token))
        if owner not in (None, name):
            raise LocalHubError(f"the token of {name} is a token of {owner} already")
        self.users.setdefault(name, {})[_digest(token)] = role

    def add_member(self, org: str, member: str) -> None:
        """Put a user into an organisation, which is made with its first member."""
        self._check_name(org, "an organisation's name")
        if org in self.users:
            raise LocalHubError(f"{org!r} is a user already")
        if member not in self.users:
            raise LocalHubError(f"{member!r}, named as a member of {org}, is no user; add --user {member}:TOKEN")
        members = self.orgs.setdefault(org, [])
        if member not in members:
            members.append(member)

    def caller(self, token: str | None) -> Caller:
        """Who has this token; no token is nobody, and an unknown one is refused."""
        if token is None:
            return NOBODY
        digest = _digest(token)
        name = self._owner(digest)
        if name is None:
            raise bad_token()
        return Caller(name, self.users[name][digest], tuple(org for org, who in self.orgs.items() if name in who))

    def _check_name(self, name: str, what: str) -> None:
        if not USER.fullmatch(name) or name.lower() in RESERVED:
            raise LocalHubError(
                f"{name!r} cannot be {what}: letters, digits and inner -, at most 40, and not {', '.join(RESERVED)}"
            )
        # They would share a folder where the disk does not tell capitals apart.
        twin = next((one for one in (*self.users, *self.orgs) if one.lower() == name.lower() and one != name), None)
        if twin:
            raise LocalHubError(f"{name!r} cannot be {what}: there is {twin!r}, which only capitals tell from it")

    def _owner(self, digest: str) -> str | None:
        return next((name for name, tokens in self.users.items() if digest in tokens), None)


def new_token() -> str:
    """Make a token that looks like one of the Hub's, so that scanners for leaked tokens know it."""
    return f"hf_{secrets.token_hex(17)}"


def _digest(token: str) -> str:
    return hashlib.sha256(token.encode("utf-8", "surrogateescape")).hexdigest()
