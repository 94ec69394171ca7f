"""The frame of a checkpoint's prompts: as told, its own, the one its makers used, or its chat template."""

from fnmatch import fnmatchcase

import yaml

from caslie.fusion import Frame, frame
from caslie.fusion.prompts import CHAT, read_frame
from caslie.inference.fetching import PROMPT, Files
from mmecinstruct.words import templates_folder


def choose_frame(told: str | None, files: Files, name: str) -> Frame:
    """Choose a frame; the reader then tells if a chat template is wanted and there is none.

    Raises:
        MmecError: there is no frame of the told name, or the checkpoint's own cannot be read.
    """
    if told is not None:
        return frame(told)
    if (files.folder / PROMPT).is_file():
        return read_frame(files.folder / PROMPT, f"{PROMPT} of {name}")
    return frame(_known(name.partition("@")[0]) or CHAT)


def _known(name: str) -> str | None:
    path = templates_folder() / "prompts" / "known.yaml"
    known: dict[str, str] = yaml.safe_load(path.read_text(encoding="utf-8"))
    return next((found for form, found in known.items() if fnmatchcase(name.lower(), form.lower())), None)
