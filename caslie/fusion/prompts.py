"""The frames that instructions stand in for training and answering (protocol of ECInstruct and CASLIE).

A frame is a Jinja file with the variables `instruction`, `input` and `options`; it travels with every adapter as
`prompt.jinja`. `options` is a JSON list of the lettered lines, empty for a yes-or-no task.
"""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

from jinja2 import StrictUndefined, Template, TemplateError
from jinja2.sandbox import SandboxedEnvironment

from caslie.errors import ModelError
from mmecinstruct.errors import UnknownNameError
from mmecinstruct.words import templates_folder

CHAT = "chat"  # the base's own chat template around the words; the others are whole prompts


@dataclass(frozen=True)
class Frame:
    """A prompt's frame: a name for people, and the text of its Jinja file."""

    name: str
    source: str

    def render(self, instruction: str, input: str, options: Sequence[str]) -> str:
        """Set a task's words in the frame.

        Raises:
            ModelError: the frame asks for something else.
        """
        listed = json.dumps(list(options), ensure_ascii=False) if options else ""
        try:
            return self._template.render(instruction=instruction, input=input, options=listed)
        except TemplateError as error:
            raise ModelError(f"prompt {self.name}: {' '.join(str(error).split())}") from error

    @cached_property
    def _template(self) -> Template:
        environment = SandboxedEnvironment(undefined=StrictUndefined)
        try:
            return environment.from_string(self.source)
        except TemplateError as error:
            raise ModelError(f"prompt {self.name}: {' '.join(str(error).split())}") from error


def frame(name: str) -> Frame:
    """Find a frame that comes with the package.

    Raises:
        UnknownNameError: there is none of this name.
    """
    known = {path.stem: path for path in (templates_folder() / "prompts").glob("*.jinja")}
    if name not in known:
        raise UnknownNameError("prompt", name, sorted(known))
    return Frame(name, known[name].read_text(encoding="utf-8"))
