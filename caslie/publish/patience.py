"""Calls to a Hub that fail for the moment are made again; what cannot be mended by waiting is told on one line.

`datasets` 5.2 means to try again after a concurrent commit, but looks for the wrong exception and never does.
"""

import logging
import os
import re
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http import HTTPStatus
from json import JSONDecodeError
from typing import TypeVar

from caslie.errors import PushError

Result = TypeVar("Result")

logger = logging.getLogger(__name__)

# Timed out; another commit under way (409, 412); too many requests; and what a server says of a bad moment.
FOR_THE_MOMENT = frozenset({408, 409, 412, 425, 429, 500, 502, 503, 504})
# hf_xet tells a refusal in words alone, as an error of the connection.
REFUSED = re.compile(r"HTTP status (?:client|server) error \((\d{3})[^)]*\)")
# One thread of an upload that finds no connection closes the client that the others are using (huggingface_hub 2.4).
CLOSED = re.compile("the client has been closed|'NoneType' object has no attribute 'request'")
FIRST_ANSWER = 10  # seconds
WAITS = (0.5, 1, 2, 4, 8, 16, 30)  # seconds


def patiently(call: Callable[[], Result]) -> Result:
    """Make a call, again while it fails for the moment."""
    from httpx2 import TransportError

    for wait in WAITS:
        try:
            return call()
        except (OSError, RuntimeError, JSONDecodeError, TransportError) as error:
            if not _for_the_moment(error):
                raise
            pause = max(wait, _asked_to_wait(error))
            logger.warning("%s; trying again in %g s", _short(error), pause)
            time.sleep(pause)
    return call()


def greet(endpoint: str) -> None:
    """Make sure that a Hub answers, before anything that would wait for it without end.

    Raises:
        PushError: none does within seconds, or what is set keeps the clients from asking it.
    """
    import httpx2
    from huggingface_hub import get_token

    for name in ("HF_DATASETS_OFFLINE", "HF_EVALUATE_OFFLINE", "TRANSFORMERS_OFFLINE"):
        if os.environ.get(name, "").upper() in ("1", "TRUE", "YES", "ON"):
            raise PushError(f"{name} is set: unset it to publish")
    if not (get_token() or "").isascii():
        raise PushError("the token holds characters that no token has; look at HF_TOKEN")
    try:
        answer = httpx2.get(f"{endpoint}/api/whoami-v2", timeout=FIRST_ANSWER, follow_redirects=True)
    except (httpx2.TransportError, httpx2.InvalidURL) as error:
        raise PushError(f"{endpoint or 'HF_ENDPOINT'} cannot be reached ({error}); is HF_ENDPOINT right?") from error
    # Asked without a token: a Hub does not know who that is.
    if answer.status_code == HTTPStatus.NOT_FOUND or "json" not in answer.headers.get("Content-Type", ""):
        raise PushError(f"{endpoint} does not answer as a Hub does; is HF_ENDPOINT right?")


@contextmanager
def told_plainly(endpoint: str) -> Iterator[None]:
    """Turn what the clients raise into one line: what, where, what to do."""
    from httpx2 import TransportError

    try:
        yield
    except BrokenPipeError:  # whoever read what was said has gone
        raise
    except (OSError, RuntimeError, JSONDecodeError, TransportError) as error:
        line = _told(error, endpoint)
        if line is None:
            raise
        raise PushError(line) from error


def _told(error: BaseException | None, endpoint: str) -> str | None:
    """What a client's error means, or the one that it was made of; None where it is no news of a Hub."""
    from httpx2 import TransportError
    from huggingface_hub.errors import HfHubHTTPError, LocalTokenNotFoundError, OfflineModeIsEnabled

    match error:
        case None:
            return None
        case LocalTokenNotFoundError():
            return f"no token for {endpoint}: set HF_TOKEN, or log in with `hf auth login`"
        case OfflineModeIsEnabled():
            return "HF_HUB_OFFLINE is set: unset it to publish"
        case HfHubHTTPError():
            return f"{endpoint} refused: {_short(error)}"
        case JSONDecodeError():
            return f"{endpoint} does not answer as a Hub does; is HF_ENDPOINT right?"
        case TransportError() | ConnectionError() | TimeoutError():
            if refused := REFUSED.search(str(error)):
                return f"{endpoint} refused the contents: {refused[0]}"
            return f"{endpoint} cannot be reached ({_short(error)}); is HF_ENDPOINT right?"
        case RuntimeError() | AttributeError() if CLOSED.search(str(error)):
            return f"{endpoint} cannot be reached; is HF_ENDPOINT right?"
        case _:
            return _told(error.__cause__, endpoint)


def _for_the_moment(error: BaseException | None) -> bool:
    from httpx2 import TransportError
    from huggingface_hub.errors import HfHubHTTPError, OfflineModeIsEnabled

    match error:
        case None | OfflineModeIsEnabled():
            return False
        case HfHubHTTPError():
            return error.response.status_code in FOR_THE_MOMENT
        case RuntimeError(__cause__=HfHubHTTPError(response=answer)) if answer.status_code == HTTPStatus.FORBIDDEN:
            return True  # an address to upload to has expired: asked again, there is another
        case TransportError() | ConnectionError() | TimeoutError():
            refused = REFUSED.search(str(error))
            # What may be sent where is granted for a while; asked again, it is granted anew.
            return refused is None or int(refused[1]) in FOR_THE_MOMENT | {HTTPStatus.FORBIDDEN}
        case RuntimeError() | AttributeError() if CLOSED.search(str(error)):
            return True
        case JSONDecodeError():  # a gateway answered; validate-yaml is read before its status is looked at
            return True
        case _:
            return _for_the_moment(error.__cause__)


def _asked_to_wait(error: BaseException) -> float:
    from huggingface_hub.errors import HfHubHTTPError

    if not isinstance(error, HfHubHTTPError):
        return 0
    asked = error.response.headers.get("Retry-After", "")
    return min(float(asked), 300) if asked.isdecimal() else 0


def _short(error: BaseException) -> str:
    """What the server said, else the first line of the client's words."""
    from huggingface_hub.errors import HfHubHTTPError

    if isinstance(error, HfHubHTTPError):
        said = error.server_message or str(error).partition("\n")[0]
        return f"{' '.join(said.split())} (HTTP {error.response.status_code})"
    return str(error).partition("\n")[0] or type(error).__name__
