"""The files that make a checkpoint's records and its adapter: in a folder, or fetched from a Hub."""

import hashlib
import json
import re
from dataclasses import dataclass
from fnmatch import fnmatchcase
from pathlib import Path
from typing import Any

from caslie.backends.transformers.identity import Weights
from caslie.errors import ModelError
from caslie.records import RECIPE, TRAINING
from caslie.training.origin import adapter_in

ADAPTER = "adapter_config.json"
WEIGHTS = "adapter_model.safetensors"
PROMPT = "prompt.jinja"
TOKENIZERS = ("tokenizer*", "*.jinja", "vocab.*", "merges.txt", "special_tokens_map.json", "added_tokens.json")
WHERE = ("base_model_name_or_path", "revision")  # in ADAPTER: where a base lies, not which it is; pushing tells more
ON_A_HUB = re.compile(r"(?P<repo>[^/@]+/[^/@]+)(@(?P<revision>.+))?")


@dataclass(frozen=True, slots=True)
class Files:
    """A folder with what was found, and the name that tells exactly which files these are."""

    folder: Path
    name: str


def adapter_files(name: str) -> Files | None:
    """Find an adapter by its folder or its run's, or fetch it by its name; None where there is none of this name.

    What else may be wrong with the name is told by whoever then looks for a full model.

    Raises:
        ModelError: it is an adapter and cannot be fetched whole.
    """
    if is_folder(name):
        folder = adapter_in(Path(name).expanduser().absolute())
        return Files(folder, f"folder@{_digest(name, folder)}") if (folder / ADAPTER).is_file() else None
    named = ON_A_HUB.fullmatch(name)
    if not named or (config := _file(named["repo"], named["revision"], ADAPTER)) is None:
        return None
    commit = config.parent.name
    folder = _fetched(named["repo"], commit, [ADAPTER, WEIGHTS, TRAINING, RECIPE, *TOKENIZERS])
    return Files(folder, f"{named['repo']}@{commit}")


def cached_adapter(name: str) -> Files | None:
    """An adapter of a Hub at a commit, `user/name@commit`, as far as it was fetched before; no Hub is asked."""
    from huggingface_hub import try_to_load_from_cache

    named = ON_A_HUB.fullmatch(name)
    config = try_to_load_from_cache(named["repo"], ADAPTER, revision=named["revision"]) if named else None
    return Files(Path(config).parent, name) if isinstance(config, str) else None


def is_folder(name: str) -> bool:
    """Whether a name means a folder: by how it begins, or since there is one, whatever a Hub has of this name."""
    return name.startswith((".", "/", "~")) or Path(name).is_dir()


def adapter_config(name: str, folder: Path) -> dict[str, Any]:
    """Read what PEFT says of an adapter.

    Raises:
        ModelError: it says nothing that can be read, or describes another kind.
    """
    try:
        config = json.loads((folder / ADAPTER).read_text(encoding="utf-8"))
    except (OSError, ValueError, RecursionError) as error:
        raise ModelError(f"{name}: {ADAPTER} cannot be read ({error})") from error
    if not isinstance(config, dict) or config.get("peft_type") != "LORA":
        raise ModelError(f"{name}: {ADAPTER} describes no LoRA adapter; another kind cannot be asked here")
    return config


def model_files(weights: Weights) -> Files:
    """The records beside a full model: a folder that holds them, if it has any."""
    if weights.revision is None:
        return Files(Path(weights.place), weights.name)
    found = [_file(weights.place, weights.revision, name) for name in (PROMPT, TRAINING, "config.json")]
    return Files(next(path for path in found if path).parent, weights.name)


def _digest(name: str, folder: Path) -> str:
    """A hash of what decides an adapter's answers; what pushing writes into its folder leaves it as it is."""
    config = {key: value for key, value in adapter_config(name, folder).items() if key not in WHERE}
    total = hashlib.sha256(json.dumps(config, sort_keys=True).encode())
    decides = (WEIGHTS, *TOKENIZERS)  # the frame of its prompts too
    for path in sorted(folder.iterdir()):
        if not path.is_file() or not any(fnmatchcase(path.name, form) for form in decides):
            continue
        with path.open("rb") as file:
            total.update(f"{path.name} {hashlib.file_digest(file, 'sha256').hexdigest()}\n".encode())
    return total.hexdigest()


def _file(repo: str, revision: str | None, name: str) -> Path | None:
    """A file of a repository; None where it has none, or cannot be asked."""
    from httpx2 import TransportError
    from huggingface_hub import hf_hub_download

    try:
        return Path(hf_hub_download(repo, name, revision=revision))
    except (OSError, ValueError, TransportError):  # the client's own errors are of these
        return None


def _fetched(repo: str, commit: str, patterns: list[str]) -> Path:
    from httpx2 import TransportError
    from huggingface_hub import snapshot_download

    try:
        return Path(snapshot_download(repo, revision=commit, allow_patterns=patterns))
    except (OSError, ValueError, RuntimeError, TransportError) as error:  # RuntimeError: of hf_xet
        reason = str(error).strip().partition("\n")[0] or type(error).__name__
        raise ModelError(f"{repo}@{commit}: cannot be fetched ({reason})") from error
