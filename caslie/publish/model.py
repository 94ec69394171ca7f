"""An adapter as an artifact: its weights and its card go to a model repository, and its logits are compared again."""

import os
import tempfile
import warnings
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from functools import cached_property
from importlib.util import find_spec
from pathlib import Path
from textwrap import shorten
from typing import TYPE_CHECKING, Any

from caslie.errors import PushError
from caslie.publish.adapter import OPTIONAL, REQUIRED, Adapter, read_adapter, trained_on
from caslie.publish.artifact import Content, Published, RepoType
from caslie.publish.folders import differing, write_files
from caslie.publish.model_card import render_model_card
from caslie.publish.patience import patiently
from caslie.publish.publication import Publication, write_publication
from caslie.publish.settling import Commits, as_rehearsed, find_base, find_dataset, settle
from caslie.schema import Revision

if TYPE_CHECKING:
    from torch import Tensor
    from transformers import PreTrainedModel

OURS = frozenset({"README.md", "NOTICE", *REQUIRED, *OPTIONAL})
N_TOKENS = 64
BASE_FILES = ["*.json", "*.safetensors", "*.model", "*.jinja"]
FETCHED = "CASLIE_FETCHED"  # in a rehearsal: the cache of whoever rehearses
MOST_TOLD = 300  # characters
UNCOMPARED = "the files are the same; logits were not compared"


class AdapterFolder:
    """What `caslie train` made.

    Raises:
        PushError: the folder is no adapter that others could load.
    """

    repo_type: RepoType = "model"
    space_sdk = None

    def __init__(self, directory: Path, publication: Publication, dataset: str | None = None) -> None:
        self.directory = directory
        self.publication = publication
        # Where the folder that it was trained on is on a Hub, or will be once the same push has released it.
        self.dataset = dataset
        self.follows: str | None = None
        self.found = read_adapter(directory)
        self._rehearsed = as_rehearsed(directory)

    @cached_property
    def adapter(self) -> Adapter:
        """The adapter with the commits that it must name, looked up when they are first needed.

        Raises:
            PushError: its base or its dataset is not on the Hub.
        """
        return settle(self.found, self.base_revision, self.dataset_revision)

    @cached_property
    def base_revision(self) -> str:
        """The commit of its base."""
        return self.found.training.base_revision or self._rehearsed.base or find_base(self.found.training)

    @cached_property
    def dataset_revision(self) -> Revision:
        """The commit of the dataset that it was trained on."""
        return self._rehearsed.dataset or find_dataset(self.found, self.dataset)

    @property
    def notes(self) -> tuple[str, ...]:
        """What is not published, and what its records name from now on."""
        left_out, changed = ", ".join(self.found.left_out()), ", ".join(sorted(self.adapter.changed))
        said, training = [f"not published: {left_out}"] if left_out else [], self.adapter.training
        if changed:
            dataset = trained_on(training)
            commits = f"{training.base_model}@{training.base_revision}, {dataset.repository}@{dataset.revision}"
            said.append(f"{changed} will name {commits}")
        return tuple(said)

    @cached_property
    def card(self) -> dict[str, bytes]:
        """The files of the card, rendered."""
        return render_model_card(self.adapter, self.publication)

    def files(self) -> Mapping[str, Content]:
        """What the adapter needs to be loaded and understood; optimizer states and checkpoints stay here."""
        return self.adapter.contents() | self.card

    def owns(self, path: str) -> bool:
        """Tell whether a file is of an earlier release."""
        return path in OURS or path.startswith(".eval_results/")

    def settle(self) -> None:
        """Write the commits that were found, the card and the decisions into the folder."""
        write_files(self.directory, self.adapter.changed)
        write_files(self.directory, self.card)
        write_publication(self.directory, self.publication)

    def disagreements(self) -> list[str]:
        """What the card tells otherwise than the files; it holds the sha256 of each."""
        return [f"{name} differs" for name in differing(self.directory, self.card)]

    def fetch(self) -> None:
        """Get the base from the Hub at hand; without it a rehearsal says that nothing was compared."""
        from huggingface_hub import snapshot_download

        name, commit = self.found.training.base_model, self.base_revision
        with suppress(OSError, ValueError):
            snapshot_download(name, revision=commit, allow_patterns=BASE_FILES)

    def commits(self) -> Commits:
        """What a rehearsal cannot find out; the dataset that it releases itself, it can."""
        return Commits(self.base_revision, None if self.follows else self.dataset_revision)

    def load_back(self, published: Published, progress: Callable[[str, int, int], None]) -> str:
        """Load both adapters onto one base and compare their logits; without the base, their bytes must do."""
        if find_spec("peft") is None:
            return f'{UNCOMPARED}, since peft is not installed: pip install ".[models]"'
        with _without_their_voices():
            return self._compare(published, progress)

    def _compare(self, published: Published, progress: Callable[[str, int, int], None]) -> str:
        progress("loading back", 0, 2)
        try:
            base = patiently(self._base)
        except (OSError, ValueError, ImportError) as error:  # ImportError: what only this base needs
            reason = str(error).strip().partition("\n")[0]
            return f"{UNCOMPARED}, since the base cannot be loaded: {reason}"
        here = _logits(base, str(self.directory))
        progress("loading back", 1, 2)
        # A cache of its own: what an earlier load left in the user's would be taken for what the Hub holds.
        with tempfile.TemporaryDirectory(prefix="caslie-push-") as cache:
            there = _logits(base, published.repository, revision=published.commit, cache_dir=cache)
        progress("loading back", 2, 2)
        return _compared(here, there)

    def _base(self) -> "PreTrainedModel":
        from huggingface_hub import snapshot_download
        from transformers import AutoModelForCausalLM

        training = self.adapter.training
        where: dict[str, Any] = {"revision": training.base_revision}
        name = training.base_model
        if fetched := os.environ.get(FETCHED):
            there: dict[str, Any] = {"cache_dir": fetched, "allow_patterns": BASE_FILES, "local_files_only": True}
            name, where = snapshot_download(name, **where, **there), {}
        base: PreTrainedModel = AutoModelForCausalLM.from_pretrained(
            name, **where, trust_remote_code=False, use_safetensors=True
        )
        return base


def _logits(base: "PreTrainedModel", adapter: str, **where: Any) -> "Tensor":
    """The logits of some fixed tokens; the base is left as it was."""
    import torch
    from peft import PeftModel

    try:
        model = PeftModel.from_pretrained(base, adapter, **where).eval()
    except (OSError, ValueError, RuntimeError) as error:
        if isinstance(error, OSError) and error.errno:  # a full disk is not the adapter's fault
            raise
        # torch names every tensor that does not fit.
        raise PushError(f"{adapter}: the adapter does not load: {shorten(str(error), MOST_TOLD)}") from error
    tokens = torch.arange(N_TOKENS).remainder(base.config.vocab_size)[None]
    with torch.inference_mode():
        logits: Tensor = model(input_ids=tokens).logits
    model.unload()
    return logits


def _compared(here: "Tensor", there: "Tensor") -> str:
    if here.isnan().any():
        raise PushError("the adapter answers with NaN: its training diverged, or it was saved in too narrow numbers")
    if here.shape != there.shape or not here.equal(there):
        raise PushError("the adapter on the Hub gives other logits than the one here")
    return f"{here.numel()} logits of the adapter loaded back with peft, equal"


@contextmanager
def _without_their_voices() -> Iterator[None]:
    """Keep the clients' own bars and their advice to whoever trains out of what a push says."""
    from transformers.utils import logging

    was_on = logging.is_progress_bar_enabled()
    logging.disable_progress_bar()
    with warnings.catch_warnings(action="ignore"):
        try:
            yield
        finally:
            if was_on:
                logging.enable_progress_bar()
