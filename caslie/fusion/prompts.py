"""The frames that instructions stand in for training and answering (protocol of ECInstruct and CASLIE).

A frame is a Jinja file with the variables `instruction`, `input` and `options`; it travels with every adapter as
`prompt.jinja`. `options` is a JSON list of the lettered lines, empty for a yes-or-no task. Whoever fetches an adapter
gets a frame from a stranger, so it is a small part of Jinja: text, the three variables, and questions whether they
are there. What could compute, loop or call does not become a frame.
"""

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

from jinja2 import StrictUndefined, Template, TemplateError, nodes
from jinja2.sandbox import SandboxedEnvironment

from caslie.errors import ModelError
from mmecinstruct.errors import UnknownNameError
from mmecinstruct.words import templates_folder

CHAT = "chat"  # the base's own chat template around the words; the others are whole prompts
VARIABLES = frozenset({"instruction", "input", "options"})
NEEDED = ("instruction", "input")  # a yes-or-no task has no options
PLAIN = (nodes.Template, nodes.Output, nodes.TemplateData, nodes.If, nodes.Not)
MOST_CHARS = 20_000  # our longest frame has 300
MOST_NODES = 100  # ours have 20; Python refuses to compile what is nested much deeper


@dataclass(frozen=True)
class Frame:
    """A prompt's frame: a name for people, and the text of its Jinja file.

    Raises:
        ModelError: it is no such file, does more than place the variables, or leaves out one that every task has.
    """

    name: str
    source: str

    def __post_init__(self) -> None:
        """Refuse what is no frame."""
        if problem := _problem(self.source):
            raise ModelError(f"prompt {self.name}: {problem}")

    def render(self, instruction: str, input: str, options: Sequence[str]) -> str:
        """Set a task's words in the frame."""
        listed = json.dumps(list(options), ensure_ascii=False) if options else ""
        return self._template.render(instruction=instruction, input=input, options=listed)

    @cached_property
    def _template(self) -> Template:
        return _environment().from_string(self.source)


def frame(name: str) -> Frame:
    """Find a frame that comes with the package.

    Raises:
        UnknownNameError: there is none of this name.
    """
    known = _ours()
    if name not in known:
        raise UnknownNameError("prompt", name, sorted(known))
    return Frame(name, known[name].read_text(encoding="utf-8"))


def read_frame(path: Path, name: str) -> Frame:
    """Read the frame of an adapter or a model, as `name`; one of the package's own keeps that one's name.

    Raises:
        ModelError: it cannot be read, or is no frame.
    """
    try:
        with path.open(encoding="utf-8") as file:
            source = file.read(MOST_CHARS + 1)
    except (OSError, UnicodeDecodeError) as error:
        raise ModelError(f"prompt {name}: cannot be read ({error})") from error
    ours = (frame(one) for one in sorted(_ours()))
    return next((one for one in ours if one.source == source), None) or Frame(name, source)


def _ours() -> dict[str, Path]:
    return {path.stem: path for path in (templates_folder() / "prompts").glob("*.jinja")}


def _environment() -> SandboxedEnvironment:
    return SandboxedEnvironment(undefined=StrictUndefined)


def _problem(source: str) -> str:
    """Why this is no frame; nothing where it is one."""
    if len(source) > MOST_CHARS:
        return f"is longer than {MOST_CHARS:,} characters"
    try:
        found = list(_walk(_environment().parse(source)))
    except TemplateError as error:
        return " ".join(str(error).split())
    except RecursionError:
        return "is nested too deep"
    if strange := next((node for node in found if not _is_allowed(node)), None):
        return f"may only place instruction, input and options, and ask whether they are there; found {_told(strange)}"
    if len(found) > MOST_NODES:
        return f"has more than {MOST_NODES} parts"
    placed = {name.name for node in found if isinstance(node, nodes.Output) for name in node.find_all(nodes.Name)}
    missing = [name for name in NEEDED if name not in placed]
    return f"places no {{{{ {missing[0]} }}}}, which every task has" if missing else ""


def _walk(node: nodes.Node) -> Iterator[nodes.Node]:
    yield node
    for child in node.iter_child_nodes():
        yield from _walk(child)


def _is_allowed(node: nodes.Node) -> bool:
    match node:
        case nodes.Name(name=name):
            return name in VARIABLES
        case nodes.Test(name="defined", node=nodes.Name()):
            return True
    return type(node) in PLAIN


def _told(node: nodes.Node) -> str:
    match node:
        case nodes.Name(name=name):
            return f"{name!r} in line {node.lineno}"
        case nodes.Filter(name=name) | nodes.Test(name=name):
            return f"{type(node).__name__} {name!r} in line {node.lineno}"
    return f"{type(node).__name__} in line {node.lineno}"
