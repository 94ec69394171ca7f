"""Short-lived permissions that stand in an address or a header in place of a token; they outlive a restart."""

import base64
import hashlib
import hmac
import json
import secrets
import time
from dataclasses import asdict, dataclass

from caslie.localhub.errors import forbidden
from caslie.localhub.storage.hub import Hub
from caslie.localhub.storage.objects import write_whole

LIFE = 12 * 3600  # seconds: the slowest upload that is still worth waiting for


@dataclass(frozen=True, slots=True)
class Permit:
    """What may be sent (a content by its sha256, or `xet`), how many bytes, by whom, and in whose namespace."""

    what: str
    n_bytes: int
    user: str
    namespace: str
    # Where Xet looks for chunks: a namespace in which this user may write.
    home: str
    until: int


def sign(hub: Hub, permit: Permit) -> str:
    """Write a permit so that only this Hub can have written it."""
    body = base64.urlsafe_b64encode(json.dumps(asdict(permit)).encode()).decode()
    return f"{body}.{_signature(hub, body)}"


def read_permit(hub: Hub, signed: str, what: str) -> Permit:
    """Read a permit back, if this Hub wrote it, for this, and not too long ago."""
    body, _, signature = signed.partition(".")
    if not hmac.compare_digest(signature.encode(), _signature(hub, body).encode()):
        raise forbidden("this permission to upload is none of this Hub's; ask again")
    permit = Permit(**json.loads(base64.urlsafe_b64decode(body)))
    if permit.what != what or permit.until < time.time():
        raise forbidden("this permission to upload is for something else, or has ended; ask again")
    return permit


def _signature(hub: Hub, body: str) -> str:
    return hmac.new(_secret(hub), body.encode("utf-8", "replace"), hashlib.sha256).hexdigest()


def _secret(hub: Hub) -> bytes:
    """What this Hub signs with: made once, and for its owner's eyes only, as every file that was `unfinished`."""
    path = hub.root / "secret"
    if not path.exists():
        write_whole(path, secrets.token_bytes(32), hub.unfinished)
    return path.read_bytes()
