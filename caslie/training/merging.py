"""An adapter and its base become one model, proved to answer as the two do.

Merged into a head that is also the embedding, an adapter of the head would change what the model reads; so the two
are parted first (peft#2018, peft#2777).
"""

import gc
import math
import shutil
import warnings
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from shutil import rmtree
from typing import TYPE_CHECKING, Any, Literal

import yaml

from caslie.backends.transformers.identity import Weights
from caslie.backends.transformers.loading import load
from caslie.backends.transformers.numbers import Placing
from caslie.errors import ModelError, StageError
from caslie.fusion import open_reader
from caslie.fusion.prompts import read_frame
from caslie.records import RECIPE, TRAINING, read_training
from caslie.training.origin import adapter_in, base_of
from caslie.training.proof import difference, logits, make_proof

if TYPE_CHECKING:
    from peft import PeftModel
    from torch import Tensor
    from transformers import PreTrainedModel

Kind = Literal["float32", "bfloat16", "float16"]
Progress = Callable[[str, int, int], None]

LIMIT = 1e-5  # of the spread of the logits; sums of float32 in another order differ by about a tenth of it
CONFIG = "adapter_config.json"
WEIGHTS = "adapter_model.safetensors"
PROMPT = "prompt.jinja"
NEEDED = (CONFIG, WEIGHTS, TRAINING, PROMPT, RECIPE)
GENERATION = "generation_config.json"
WHOLE = Placing("cpu", "float32")  # in narrower numbers nothing could be proved


@dataclass(frozen=True, slots=True)
class Merged:
    """A model of one piece, and how far its logits are from those of the adapter on its base.

    Differences are shares of the spread of `n_logits` logits: after merging, after loading what was saved in float32,
    and, in `rounded`, what the narrower numbers that were asked for cost.
    """

    out: Path
    base: str
    dtype: Kind
    untied: bool
    n_logits: int
    merged: float
    reloaded: float
    rounded: float


def merge(directory: Path, out: Path, *, base: str | None, dtype: Kind, progress: Progress) -> Merged:
    """Merge the adapter of a run, or of a folder, into its base; OUT appears proved and whole, or not at all.

    Raises:
        MmecError: the adapter or its base cannot be had, do not fit, or OUT is taken.
        ModelError: the merged model does not answer as the adapter does.
    """
    adapter = adapter_in(directory)
    _refuse_incomplete(adapter)
    training = read_training(adapter)
    _refuse_adapter_of_four_bits(adapter)
    frame = read_frame(adapter / PROMPT, str(adapter / PROMPT))
    with _appearing(out) as work:
        weights = base_of(training, base)
        _refuse_four_bits(weights)
        progress("merging", 0, 4)
        reader = open_reader(Weights(str(adapter), None, str(adapter)), frame)
        proof = make_proof(reader)
        live, merged, untied = _merge(adapter, weights, work, proof, progress)
        model = _load(work, out)
        after, reloaded = difference(live, merged), difference(live, logits(model, proof))
        _refuse(weights.name, after, reloaded)
        progress("merging", 3, 4)
        rounded = 0.0
        if dtype != "float32":
            _save(_narrow(model, dtype), adapter, weights, work)
            del model
            rounded = _rounded(live, logits(_load(work, out), proof), out, dtype)
        progress("merging", 4, 4)
    return Merged(out, weights.name, dtype, untied, live.numel(), after, reloaded, rounded)


def _merge(
    adapter: Path, weights: Weights, work: Path, proof: list[list[int]], progress: Progress
) -> "tuple[Tensor, Tensor, bool]":
    """Merge and save; the logits before and after, and whether the head was parted from the embedding."""
    tuned = _attach(load(weights, WHOLE).model, adapter, weights.name)
    live = logits(tuned, proof)
    progress("merging", 1, 4)
    untied = _untie(tuned)
    try:
        model: PreTrainedModel = tuned.merge_and_unload(safe_merge=True)
    except ValueError as error:  # what is no number
        raise ModelError(f"{adapter}: cannot be merged: {' '.join(str(error).split())}") from error
    merged = logits(model, proof)
    progress("merging", 2, 4)
    _save(model, adapter, weights, work)
    return live, merged, untied


def _attach(model: "PreTrainedModel", adapter: Path, base: str) -> "PeftModel":
    """Put the adapter on its base; each of its tensors must have a place there, and each place a tensor."""
    from peft import LoraConfig, PeftConfig, get_peft_model
    from peft.utils import get_peft_model_state_dict, set_peft_model_state_dict
    from safetensors import SafetensorError
    from safetensors.torch import load_file

    try:
        config, tensors = PeftConfig.from_pretrained(adapter), load_file(adapter / WEIGHTS)
        if not isinstance(config, LoraConfig):
            raise ModelError(f"{adapter}: no LoRA adapter")
        with warnings.catch_warnings(action="ignore"):  # that a head is tied, which is seen to
            tuned = get_peft_model(model, config)
        places = get_peft_model_state_dict(tuned, save_embedding_layers=False).keys()
        if strange := sorted(places ^ tensors.keys()):
            raise ModelError(f"{adapter}: is for another base than {base}: {strange[0]} is in one of the two only")
        set_peft_model_state_dict(tuned, tensors)
    except (OSError, ValueError, TypeError, RuntimeError, SafetensorError) as error:
        reason = " ".join(str(error).split())[:300]
        raise ModelError(f"{adapter}: does not go onto {base}: {reason}") from error
    return tuned.eval()


def _untie(tuned: "PeftModel") -> bool:
    """Give the head weights of its own, where it shares the embedding's and the adapter tunes either."""
    import torch
    from peft.tuners.tuners_utils import BaseTunerLayer

    model = tuned.get_base_model()
    head, embedding = model.get_output_embeddings(), model.get_input_embeddings()
    tuned_ends = [end for end in (head, embedding) if isinstance(end, BaseTunerLayer)]
    if head.weight is not embedding.weight or not tuned_ends:
        return False
    own = head.get_base_layer() if isinstance(head, BaseTunerLayer) else head
    own.weight = torch.nn.Parameter(embedding.weight.detach().clone(), requires_grad=False)
    model.config.tie_word_embeddings = False
    model.all_tied_weights_keys = {}  # else the head is left out of what is saved
    return True


def _narrow(model: "PreTrainedModel", dtype: Kind) -> "PreTrainedModel":
    import torch

    narrow: PreTrainedModel = model.to(getattr(torch, dtype))
    return narrow


def _rounded(live: "Tensor", there: "Tensor", out: Path, dtype: Kind) -> float:
    """What narrower numbers alone change: the model that was saved in them counts in float32 here."""
    rounded = difference(live, there)
    if not rounded < math.inf:
        raise ModelError(f"{out}: {dtype} is too narrow for this model; choose bfloat16 or float32")
    return rounded


def _save(model: "PreTrainedModel", adapter: Path, weights: Weights, work: Path) -> None:
    """Save a model with the adapter's tokenizer, prompt and record, and the base's way to write."""
    from safetensors import SafetensorError
    from transformers import AutoTokenizer

    rmtree(work)
    work.mkdir()
    try:
        model.save_pretrained(work)
    except SafetensorError as error:  # a full disk
        raise StageError(f"{work.parent}: the model cannot be saved there ({error})") from error
    AutoTokenizer.from_pretrained(adapter, trust_remote_code=False).save_pretrained(work)
    for name in (PROMPT, TRAINING):  # how it is asked: in which words, with which captions, within which budget
        shutil.copyfile(adapter / name, work / name)
    if (own := weights.folder() / GENERATION).is_file():
        shutil.copyfile(own, work / GENERATION)


def _load(work: Path, out: Path) -> "PreTrainedModel":
    gc.collect()  # a model of PEFT's holds itself, and would take as much memory again
    return load(Weights(str(work), None, str(out)), WHOLE).model


def _refuse(base: str, *apart: float) -> None:
    if not all(one <= LIMIT for one in apart):  # nor is what is no number
        told = " and ".join(f"{one:.1g}" for one in apart)
        raise ModelError(f"{base}: merged and reloaded, the model answers otherwise: by {told} of the logits' spread")


def _refuse_incomplete(adapter: Path) -> None:
    if not adapter.is_dir():
        raise ModelError(f"{adapter}: no such folder; name a run, or the folder of an adapter")
    if missing := [name for name in NEEDED if not (adapter / name).is_file()]:
        raise ModelError(f"{adapter}: no adapter of caslie: {', '.join(missing)} missing; `caslie train` writes them")


def _refuse_four_bits(weights: Weights) -> None:
    if weights.config().get("quantization_config"):
        raise ModelError(
            f"{weights.name}: its weights are quantized, and a merge would round again; use the adapter as is"
        )


def _refuse_adapter_of_four_bits(adapter: Path) -> None:
    try:
        recipe: Any = yaml.safe_load((adapter / RECIPE).read_text(encoding="utf-8"))
    except (yaml.YAMLError, UnicodeDecodeError) as error:
        raise ModelError(f"{adapter / RECIPE}: not YAML: {' '.join(str(error).split())}") from error
    if isinstance(recipe, dict) and isinstance(recipe.get("base"), dict) and recipe["base"].get("four_bit"):
        raise ModelError(
            f"{adapter}: was trained on a base in 4 bits, and a merge with whole weights answers otherwise;"
            " use the adapter as is"
        )


@contextmanager
def _appearing(out: Path) -> Iterator[Path]:
    """A folder to work in, which becomes OUT at the end; nothing is left of it where something fails."""
    out = out.resolve()
    work = out.with_name(f"{out.name}.partial")
    try:
        if out.exists() and not (out.is_dir() and not any(out.iterdir())):
            raise StageError(f"{out}: is there already; remove it, or name another --out")
        rmtree(work, ignore_errors=True)
        work.mkdir(parents=True)
    except OSError as error:
        raise StageError(f"{out}: no folder can be made there ({error.strerror}); name another --out") from error
    try:
        yield work
        work.replace(out)
    finally:
        rmtree(work, ignore_errors=True)
