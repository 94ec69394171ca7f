"""What the pocket models reach on worlds that none of them saw, as `caslie pocket measure` tells it."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

from caslie.backends import Model, find
from caslie.errors import ModelError
from caslie.pocket.base_scores import BaseScore, measure_base
from caslie.pocket.bases import BASES
from caslie.pocket.captioner_scores import CaptionScore, measure_captioner
from caslie.pocket.judge_scores import PanelScore, measure, own_hearings

WORLDS = (6, 7, 8, 9)  # no model learnt from a world below 1,000, and nothing was chosen by these
N_PICTURES = 2000
N_DRILLS = 50  # of each shape and world
PANEL = ("tied_llama", "llama", "mistral", "phi3", "mllama")  # the five of mv5


@dataclass(frozen=True, slots=True)
class Measured:
    """The captioner, the panels of five judges by the name of their folder, and the bases."""

    captioner: CaptionScore
    panels: Mapping[str, PanelScore]
    bases: tuple[BaseScore, ...]


def measure_all(models: Path, n_pictures: int, progress: Callable[[str, int, int], None]) -> Measured:
    """Measure the models of a folder.

    Raises:
        ModelError: it holds no captioner or no judges.
    """
    folders = [models / name for name in ("judges", "weak", "alike") if (models / name).is_dir()]
    if not (models / "captioner").is_dir() or not folders:
        raise ModelError(f"{models}: no pocket models; `caslie pocket build {models}` makes them")
    captioner = find(Model(f"transformers/{(models / 'captioner').resolve()}"))
    bases = [(base, models / "bases" / base.name) for base in BASES if (models / "bases" / base.name).is_dir()]
    n_steps = 1 + len(folders) + len(bases)
    progress("measure models", 0, n_steps)
    heard = list(own_hearings(WORLDS))
    seen = measure_captioner(captioner, n_pictures, [each.lesson for each in heard])
    panels = {}
    for number, folder in enumerate(folders, 1):
        progress("measure models", number, n_steps)
        judges = {name: folder / name for name in PANEL}
        if folder.name == "alike":  # its first judge is that of the weak set
            judges["llama"] = models / "weak" / "llama"
        panels[folder.name] = measure(judges, heard)
    known = []
    for number, (base, folder) in enumerate(bases, 1 + len(folders)):
        progress("measure models", number, n_steps)
        known.append(measure_base(base, folder, WORLDS, N_DRILLS))
    return Measured(seen, panels, tuple(known))


def packaged() -> Path:
    """Where the models are that come with the package."""
    return Path(__file__).parent / "models"
