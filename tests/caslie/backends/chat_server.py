"""A small server that speaks OpenAI's and Anthropic's published protocols in earnest, and misbehaves when told to."""

import asyncio
import base64
import hashlib
import io
import json
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

from aiohttp import web
from PIL import Image

from tests.caslie.serving import listening

KEY = "sk-the-secret-key-0123456789"
CONTEXT = 2000  # characters

Fault = Callable[[web.Request], Awaitable[web.StreamResponse]]

OPENAI_KEYS = {"model", "messages", "temperature", "seed", "max_tokens", "logprobs", "top_logprobs"}


@dataclass
class ChatServer:
    """What was asked, and how to answer: `faults`, by the text of a question or "" for any, come first, once each."""

    keyless: bool = False
    logprobs: bool = True
    usage: bool = True
    delay: float = 0.0
    first_tokens: list[tuple[str, float]] = field(default_factory=lambda: [("Yes", -0.1), ("No", -2.5)])
    faults: dict[str, list[Fault]] = field(default_factory=dict)
    asked: list[Any] = field(default_factory=list)
    n_in_flight: int = 0
    max_in_flight: int = 0
    address: str = ""

    @contextmanager
    def up(self) -> Iterator["ChatServer"]:
        app = web.Application(client_max_size=2**26)
        app.router.add_post("/v1/chat/completions", self._openai)
        app.router.add_post("/v1/messages", self._anthropic)
        with listening(app) as port:
            self.address = f"http://127.0.0.1:{port}/v1"
            yield self

    async def _openai(self, request: web.Request) -> web.StreamResponse:
        if not self.keyless and request.headers.get("Authorization") != f"Bearer {KEY}":
            return error(401, f"Incorrect API key provided: {request.headers.get('Authorization', '')[7:]}.")
        return await self._answer(request, openai_parts, self._completion)

    async def _anthropic(self, request: web.Request) -> web.StreamResponse:
        if request.headers.get("x-api-key") != KEY:
            return error(401, "invalid x-api-key")
        if request.headers.get("anthropic-version") != "2023-06-01":
            return error(400, "anthropic-version: header is required")
        return await self._answer(request, anthropic_parts, self._message)

    async def _answer(
        self,
        request: web.Request,
        parts_of: Callable[[Any], tuple[str, str]],
        answer: Callable[[Any, str, str], web.Response],
    ) -> web.StreamResponse:
        self.n_in_flight += 1
        self.max_in_flight = max(self.max_in_flight, self.n_in_flight)
        try:
            body = json.loads(await request.read())
            self.asked.append(body)
            text, picture = parts_of(body)
            if faults := self.faults.get(text) or self.faults.get(""):
                return await faults.pop(0)(request)
            if body["model"] != "tiny":
                return error(404, f"The model `{body['model']}` does not exist.")
            if len(text) > CONTEXT:
                return error(
                    400, f"This model's maximum context length is {CONTEXT} tokens.", "context_length_exceeded"
                )
            await asyncio.sleep(self.delay)
            return answer(body, text, picture)
        finally:
            self.n_in_flight -= 1

    def _completion(self, body: Any, text: str, picture: str) -> web.Response:
        if set(body) - OPENAI_KEYS or body["temperature"] != 0 or body["max_tokens"] < 1:
            return error(400, f"Unrecognized request arguments supplied: {set(body) - OPENAI_KEYS}")
        said = words(text, picture, body["max_tokens"])
        choice: dict[str, Any] = {"index": 0, "message": {"role": "assistant", "content": said, "refusal": None}}
        choice |= {"finish_reason": "stop", "logprobs": None}
        if body.get("logprobs") and self.logprobs:
            top = [{"token": token, "logprob": logprob, "bytes": None} for token, logprob in self.first_tokens]
            choice["logprobs"] = {"content": [{**top[0], "top_logprobs": top[: body["top_logprobs"]]}]}
        content: dict[str, Any] = {
            "id": "chatcmpl-1",
            "object": "chat.completion",
            "model": "tiny",
            "choices": [choice],
        }
        if self.usage:
            content["usage"] = {"prompt_tokens": len(text), "completion_tokens": len(said.split())}
        return web.json_response(content)

    def _message(self, body: Any, text: str, picture: str) -> web.Response:
        said = words(text, picture, body["max_tokens"])
        content: dict[str, Any] = {"id": "msg_1", "type": "message", "role": "assistant", "model": "tiny"}
        content |= {"content": [{"type": "text", "text": said}], "stop_reason": "end_turn"}
        if self.usage:
            content["usage"] = {"input_tokens": len(text), "output_tokens": len(said.split())}
        return web.json_response(content)


def words(text: str, picture: str, n_tokens: int) -> str:
    return " ".join(f"{picture} Answer to: {text}".split()[:n_tokens])


def openai_parts(body: Any) -> tuple[str, str]:
    """The text of a question, and what is seen in its picture."""
    (message,) = body["messages"]
    assert message["role"] == "user"
    text = picture = ""
    for part in message["content"]:
        if part["type"] == "text":
            text = part["text"]
        else:
            media, _, data = part["image_url"]["url"].removeprefix("data:").partition(";base64,")
            picture = seen(media, data)
    return text, picture


def anthropic_parts(body: Any) -> tuple[str, str]:
    (message,) = body["messages"]
    text = picture = ""
    for part in message["content"]:
        if part["type"] == "text":
            text = part["text"]
        else:
            assert part["source"]["type"] == "base64"
            picture = seen(part["source"]["media_type"], part["source"]["data"])
    return text, picture


def seen(media: str, data: str) -> str:
    picture = base64.b64decode(data, validate=True)
    with Image.open(io.BytesIO(picture)) as image:
        assert media == Image.MIME[str(image.format)]
    return hashlib.sha256(picture).hexdigest()[:8]


def error(status: int, message: str, code: str | None = None) -> web.Response:
    content = {"type": "error", "error": {"message": message, "type": "invalid_request_error", "code": code}}
    return web.json_response(content, status=status)


def answering(status: int, message: str = "", code: str | None = None, **headers: str) -> Fault:
    async def answer(request: web.Request) -> web.StreamResponse:
        response = error(status, message, code)
        response.headers.update({name.replace("_", "-"): value for name, value in headers.items()})
        return response

    return answer


def saying(body: bytes, status: int = 200, **headers: str) -> Fault:
    async def answer(request: web.Request) -> web.StreamResponse:
        return web.Response(
            body=body, status=status, headers={name.replace("_", "-"): v for name, v in headers.items()}
        )

    return answer


async def hanging(request: web.Request) -> web.StreamResponse:
    await asyncio.sleep(0.6)
    return web.Response()


async def closing(request: web.Request) -> web.StreamResponse:
    assert request.transport
    request.transport.close()
    return web.Response()


async def flooding(request: web.Request) -> web.StreamResponse:
    """Sends 100 MB, unless whoever reads has gone before."""
    response = web.StreamResponse()
    await response.prepare(request)
    for _ in range(1600):
        await response.write(b"[" * 65536)
    return response


def picture(file_format: str = "PNG", size: tuple[int, int] = (12, 12)) -> bytes:
    file = io.BytesIO()
    Image.new("RGB", size, "red").save(file, file_format)
    return file.getvalue()
