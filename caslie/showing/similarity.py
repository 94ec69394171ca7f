"""How much of a caption the title says already (paper, C.3, Table A5)."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from statistics import fmean
from typing import TYPE_CHECKING

from rich.console import Console

from caslie.errors import ModelError
from caslie.showing.items import captioned_rows, makers
from caslie.showing.printed import percent, printed
from caslie.showing.tables import table
from mmecinstruct.builder.folder import TEXT_COLUMNS, Folder, sample_of
from mmecinstruct.schema import Sample
from mmecinstruct.tasks import TASKS

if TYPE_CHECKING:
    from sentence_transformers import SentenceTransformer

BATCH = 64
FILES = ["*.json", "*.txt", "*.model", "*.safetensors"]  # all that a model needs; no pickle among them

# C.3 compares with "product titles", but an AP row of the paper shows only a question, an SA row only a review (B.1,
# B.6). The low numbers of the two in Table A5 fit these texts, so they stand for the title.
STAND_INS = {"answerability_prediction": "question", "sentiment_analysis": "review"}


@dataclass(frozen=True, slots=True)
class Similarity:
    """The captions of a task's test split against the text named by `against`; means over items.

    All captions count, kept or not. `left_out` are the items without a caption or without that text. `jaccard`
    compares sets of words, in lower case; `cosine` compares embeddings, None where no model was named.
    """

    task: str
    config: str
    against: str
    items: int
    left_out: int
    jaccard: float | None
    jaccard_printed: float | None
    cosine: float | None
    cosine_printed: float | None


@dataclass(frozen=True, slots=True)
class _Pairs:
    """What is compared in one config: a caption and its title each."""

    task: str
    config: str
    pairs: tuple[tuple[str, str], ...]
    left_out: int


def similarity(folder: Folder, model: str | None = None) -> tuple[Similarity, ...]:
    """Compare captions with titles on the in-domain test splits.

    Args:
        folder: a build with captions.
        model: a sentence-transformers model, a folder or `user/name[@revision]`; without one words alone are compared.

    Raises:
        OutputError: the build has no captions.
        ModelError: the model cannot be had, or the library is not there.
    """
    makers(folder)
    configs = folder.manifest["configs"]
    chosen = [name for name in folder.configs if configs[name]["domain"] == "ind" and "test" in folder.splits(name)]
    found = [_pairs(folder, config) for config in chosen]
    cosines = _cosines(found, model) if model else {}
    return tuple(_similarity(one, cosines) for one in found)


def jaccard(caption: str, title: str) -> float:
    """The share of the words of both texts that is in either; 0 where neither has a word."""
    first, second = _words(caption), _words(title)
    return len(first & second) / (len(first | second) or 1)


def print_similarity(console: Console, found: Sequence[Similarity]) -> None:
    """Print what `similarity` gave."""
    numbers = ("captions", "left out", "Jaccard", "paper", "semantic", "paper")
    printed_table = table("Caption-title similarity (Table A5)", ("task", "caption and"), numbers)
    for one in found:
        shares = (one.jaccard, one.jaccard_printed, one.cosine, one.cosine_printed)
        counts = (f"{one.items:,}", f"{one.left_out:,}")
        printed_table.add_row(TASKS[one.task].abbr.upper(), one.against, *counts, *map(percent, shares))
    console.print(printed_table)


def _pairs(folder: Folder, config: str) -> _Pairs:
    compared = list(_compared(folder, config))
    pairs = tuple((caption, title) for caption, title in compared if caption and title.strip())
    return _Pairs(folder.manifest["configs"][config]["task"], config, pairs, len(compared) - len(pairs))


def _compared(folder: Folder, config: str) -> Iterator[tuple[str | None, str]]:
    for row, items in captioned_rows(folder, config, "test", TEXT_COLUMNS):
        sample = sample_of(row, "test")
        for item in items:
            yield item.caption, _title(sample, item.index)


def _title(sample: Sample, index: int) -> str:
    field = STAND_INS.get(sample.task)
    return str(sample.fields[field]) if field else sample.items[index].title


def _words(text: str) -> set[str]:
    return set(re.findall(r"\w+", text.lower()))


def _similarity(one: _Pairs, cosines: dict[tuple[str, str], float]) -> Similarity:
    return Similarity(
        task=one.task,
        config=one.config,
        against=STAND_INS.get(one.task, "title"),
        items=len(one.pairs),
        left_out=one.left_out,
        jaccard=fmean(jaccard(*pair) for pair in one.pairs) if one.pairs else None,
        jaccard_printed=printed("jaccard").get(one.config),
        cosine=fmean(cosines[pair] for pair in one.pairs) if one.pairs and cosines else None,
        cosine_printed=printed("semantic").get(one.config),
    )


def _cosines(found: Sequence[_Pairs], name: str) -> dict[tuple[str, str], float]:
    """Every distinct pair's cosine; each distinct text is embedded once."""
    pairs = sorted({pair for one in found for pair in one.pairs})
    texts = sorted({text for pair in pairs for text in pair})
    if not texts:
        return {}
    vectors = _model(name).encode(texts, batch_size=BATCH, normalize_embeddings=True, show_progress_bar=False)
    places = {text: i for i, text in enumerate(texts)}
    return {pair: float(vectors[places[pair[0]]] @ vectors[places[pair[1]]]) for pair in pairs}


def _model(name: str) -> "SentenceTransformer":
    try:
        from sentence_transformers import SentenceTransformer
    except ImportError as error:
        raise ModelError(
            "embeddings need sentence-transformers: `pip install 'mmecinstruct[models,eval]'`. Or name no model"
        ) from error
    try:
        folder = _fetched(name)
        _refuse_pickles(folder)
        return SentenceTransformer(
            str(folder), trust_remote_code=False, local_files_only=True, model_kwargs={"use_safetensors": True}
        )
    except (OSError, ValueError, RuntimeError) as error:
        told = str(error).strip().partition("\n")[0]
        raise ModelError(f"{name}: no sentence-transformers model that can be loaded: {told}") from error


def _fetched(name: str) -> Path:
    from huggingface_hub import snapshot_download

    if Path(name).is_dir():
        return Path(name)
    repository, _, revision = name.partition("@")
    return Path(snapshot_download(repository, revision=revision or None, allow_patterns=FILES))


def _refuse_pickles(folder: Path) -> None:
    """Refuse weights that come as a pickle only: the library would read them."""
    for weights in sorted(folder.rglob("pytorch_model.bin")):
        if not weights.with_name("model.safetensors").is_file():
            raise ValueError(f"{weights.relative_to(folder)} is a pickle; only safetensors are read")
