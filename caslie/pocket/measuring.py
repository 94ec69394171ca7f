"""What the pocket models reach on worlds that none of them saw, as `caslie pocket measure` tells it."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

from caslie.backends import Model, find
from caslie.errors import ModelError
from caslie.pocket.captioner_scores import CaptionScore, measure_captioner
from caslie.pocket.judge_scores import PanelScore, measure, own_hearings

WORLDS = (6, 7, 8, 9)  # no model learnt from a world below 1,000, and nothing was chosen by these
N_PICTURES = 2000
PANEL = ("tied_llama", "llama", "mistral", "phi3", "mllama")  # the five of mv5


@dataclass(frozen=True, slots=True)
class Measured:
    """The captioner, and the panels of five judges by the name of their folder."""

    captioner: CaptionScore
    panels: Mapping[str, PanelScore]


def measure_all(models: Path, n_pictures: int, progress: Callable[[str, int, int], None]) -> Measured:
    """Measure the models of a folder.

    Raises:
        ModelError: it holds no captioner or no judges.
    """
    folders = [models / name for name in ("judges", "weak", "alike") if (models / name).is_dir()]
    if not (models / "captioner").is_dir() or not folders:
        raise ModelError(f"{models}: no pocket models; `caslie pocket build {models}` makes them")
    captioner = find(Model(f"transformers/{(models / 'captioner').resolve()}"))
    progress("measure models", 0, 1 + len(folders))
    heard = list(own_hearings(WORLDS))
    seen = measure_captioner(captioner, n_pictures, [each.lesson for each in heard])
    panels = {}
    for number, folder in enumerate(folders, 1):
        progress("measure models", number, 1 + len(folders))
        judges = {name: folder / name for name in PANEL}
        if folder.name == "alike":  # its first judge is that of the weak set
            judges["llama"] = models / "weak" / "llama"
        panels[folder.name] = measure(judges, heard)
    return Measured(seen, panels)


def packaged() -> Path:
    """Where the models are that come with the package."""
    return Path(__file__).parent / "models"
