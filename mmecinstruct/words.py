"""Every word a model reads, rendered from `templates/` (paper, Appendix B); nothing else reads a template.

A template has the blocks `instruction`, `input`, `options`, `caption` (the EC3 prompt) and `judge` (the CQE prompt).
Titles, reviews and captions are only ever values: a `{{ 7*7 }}` in a title comes out as it went in.
"""

import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cache
from hashlib import sha256
from pathlib import Path
from typing import Any

from jinja2 import FileSystemLoader, StrictUndefined, Template, Undefined
from jinja2.sandbox import SandboxedEnvironment

from mmecinstruct.errors import RecipeError, UnknownNameError
from mmecinstruct.schema import LETTERS, Item, Role, Sample

Captions = Sequence[str | None]

_JSON = json.JSONEncoder(ensure_ascii=False)


@dataclass(frozen=True, slots=True)
class _Shown:
    """An item as templates see it; `caption` is None where there is none, or the judges refused it."""

    role: Role
    title: str
    category: str
    brand: str
    caption: str | None


def instruction(sample: Sample) -> str:
    """Render the task instruction, the same for every sample of a task."""
    return _render(sample.task, "instruction", {})


def input_text(sample: Sample, captions: Captions | None = None) -> str:
    """Render the input as JSON text; `captions` holds one caption an item, None for one that is not to be shown."""
    return _render(sample.task, "input", _values(sample, captions))


def options(sample: Sample, captions: Captions | None = None) -> tuple[str, ...]:
    """Render the lettered options, one line each; none for a yes-or-no task."""
    lines = _render(sample.task, "options", _values(sample, captions)).split("\n")
    return tuple(line.strip() for line in lines if line)


def caption_prompt(sample: Sample, index: int) -> str:
    """Render what the captioner is asked about the picture of item `index` (paper, section 4.1)."""
    return _render(sample.task, "caption", _looking_at(sample, index))


def judge_prompt(sample: Sample, index: int, caption: str) -> str:
    """Render what a judge is asked about the caption of item `index` (paper, section 4.2)."""
    return _render(sample.task, "judge", _looking_at(sample, index) | {"caption": caption})


def fields_of(input: str, options: Sequence[str]) -> dict[str, Any]:
    """Read a sample's fields back from a dataset row, so that its prompts can be rendered again.

    What is no name for a template variable ("product title") or is an item's own ("title") comes from the items, not
    from here. Lettered options come back as `choices`, for a task that does not need them too.
    """
    shown = json.loads(input)
    fields = shown if isinstance(shown, dict) else {}
    choices = [line.partition(": ")[2] for line in options]
    named = {name: value for name, value in fields.items() if name.isidentifier() and name != "title"}
    return named | ({"choices": choices} if choices else {})


@cache
def template_digest(task: str) -> str:
    """Hash the template's bytes: rows and cached answers made with other words must not pass for these."""
    return sha256(_path(task).read_bytes()).hexdigest()


def _render(task: str, block: str, values: dict[str, Any]) -> str:
    template = _template(task)
    return "".join(template.blocks[block](template.new_context(values))).strip()


def _values(sample: Sample, captions: Captions | None = None) -> dict[str, Any]:
    given = captions if captions is not None else [None] * len(sample.items)
    shown = [_show(item, caption) for item, caption in zip(sample.items, given, strict=True)]
    return {**sample.fields, "items": shown}


def _looking_at(sample: Sample, index: int) -> dict[str, Any]:
    values = _values(sample)
    shown = values["items"]
    values["item"] = shown[index]
    values["number"] = sum(item.role == shown[index].role for item in shown[: index + 1])
    values["options"] = sample.options or options(sample)
    # Left undefined elsewhere, so that a template that speaks of "the other product" of one or of thirty fails.
    if len(shown) == 2:
        values["other"] = shown[1 - index]
    return values


def _show(item: Item, caption: str | None) -> _Shown:
    return _Shown(item.role, item.title, item.category, item.brand, caption)


def templates_folder() -> Path:
    """Where the templates are: in the wheel, or in a checkout."""
    installed = Path(__file__).parent / "_templates"
    return installed if installed.is_dir() else Path(__file__).parent.parent / "templates"


def _path(task: str) -> Path:
    known = {path.stem: path for path in templates_folder().glob("*.jinja")}
    if task not in known:
        raise UnknownNameError("task", task, known)
    return known[task]


@cache
def _template(task: str) -> Template:
    return _environment().get_template(_path(task).name)


@cache
def _environment() -> SandboxedEnvironment:
    environment = SandboxedEnvironment(
        loader=FileSystemLoader(templates_folder()), undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True
    )
    filters = {"letter": _letter, "line": _line, "ordinal": _ordinal, "sentences": _sentences}
    environment.filters.update(filters, first_words=_first_words, json=_json)
    return environment


def _json(value: object) -> str:
    # Jinja's own `tojson` escapes for HTML. An undefined value, asked for its text, raises an error that names it.
    return str(value) if isinstance(value, Undefined) else _JSON.encode(value)


def _line(text: str) -> str:
    return " ".join(text.split())


def _sentences(parts: Iterable[str]) -> str:
    stripped = (part.strip().rstrip(".") for part in parts)
    return " ".join(f"{part}." for part in stripped if part)


def _first_words(text: str, n_words: int) -> str:
    words = text.split()
    return " ".join(words[:n_words]) + ("..." if len(words) > n_words else "")


def _ordinal(number: int) -> str:
    # The predecessor looks at the last digit only, from 21 on, and so writes "111st".
    ending = "th" if number % 100 in (11, 12, 13) else {1: "st", 2: "nd", 3: "rd"}.get(number % 10, "th")
    return f"{number}{ending}"


def _letter(index: int) -> str:
    if index >= len(LETTERS):
        raise RecipeError(f"Option {index + 1} has no letter: the letters end at Z. Ask for at most 26 options.")
    return LETTERS[index]
