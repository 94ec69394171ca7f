"""An adapter as an artifact: its weights and its card go to a model repository, and its logits are compared again."""

from collections.abc import Callable, Mapping
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

from caslie.errors import PushError
from caslie.publish.adapter import OPTIONAL, REQUIRED, read_adapter
from caslie.publish.artifact import Content, Published, RepoType
from caslie.publish.folders import differing, write_files
from caslie.publish.model_card import render_model_card
from caslie.publish.publication import Publication, write_publication

if TYPE_CHECKING:
    from torch import Tensor
    from transformers import PreTrainedModel

OURS = frozenset({"README.md", "NOTICE", *REQUIRED, *OPTIONAL})
N_TOKENS = 64


class AdapterFolder:
    """What `caslie train` made.

    Raises:
        PushError: the folder is no adapter that others could load.
    """

    repo_type: RepoType = "model"
    space_sdk = None

    def __init__(self, directory: Path, publication: Publication) -> None:
        self.directory = directory
        self.publication = publication
        self.adapter = read_adapter(directory)

    @cached_property
    def card(self) -> dict[str, bytes]:
        """The files of the card, rendered."""
        return render_model_card(self.directory, self.publication)

    def files(self) -> Mapping[str, Content]:
        """What the adapter needs to be loaded and understood; optimizer states and checkpoints stay here."""
        paths = {path.relative_to(self.directory).as_posix(): path for path in self.adapter.files()}
        return paths | self.card

    def owns(self, path: str) -> bool:
        """Tell whether a file is of an earlier release."""
        return path in OURS or path.startswith(".eval_results/")

    def settle(self) -> None:
        """Write the card and the decisions into the folder."""
        write_files(self.directory, self.card)
        write_publication(self.directory, self.publication)

    def disagreements(self) -> list[str]:
        """What the card tells otherwise than the files; it holds the sha256 of each."""
        return [f"{name} differs" for name in differing(self.directory, self.card)]

    def load_back(self, published: Published, progress: Callable[[str, int, int], None]) -> str:
        """Load both adapters onto one base and compare their logits; without the base, their bytes must do."""
        progress("loading back", 0, 2)
        try:
            base = self._base()
        except (OSError, ValueError, ImportError) as error:
            reason = str(error).strip().partition("\n")[0]
            return f"the files are the same; logits were not compared, since the base cannot be loaded: {reason}"
        here = _logits(base, str(self.directory))
        progress("loading back", 1, 2)
        there = _logits(base, published.repository, revision=published.commit)
        progress("loading back", 2, 2)
        return _compared(here, there)

    def _base(self) -> "PreTrainedModel":
        from transformers import AutoModelForCausalLM

        training = self.adapter.training
        base: PreTrainedModel = AutoModelForCausalLM.from_pretrained(
            training.base_model, revision=training.base_revision, trust_remote_code=False, use_safetensors=True
        )
        return base


def _logits(base: "PreTrainedModel", adapter: str, **where: Any) -> "Tensor":
    """The logits of some fixed tokens; the base is left as it was."""
    import torch
    from peft import PeftModel

    model = PeftModel.from_pretrained(base, adapter, **where).eval()
    tokens = torch.arange(N_TOKENS).remainder(base.config.vocab_size)[None]
    with torch.inference_mode():
        logits: Tensor = model(input_ids=tokens).logits
    model.unload()
    return logits


def _compared(here: "Tensor", there: "Tensor") -> str:
    if here.shape != there.shape or not here.equal(there):
        raise PushError("the adapter on the Hub gives other logits than the one here")
    return f"{here.numel()} logits of the adapter loaded back with peft, equal"
