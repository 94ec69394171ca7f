"""The card of an adapter, rendered from the files beside it; PEFT's empty one is never published."""

import hashlib
import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

from caslie.backends.transformers.prompting import DATE
from caslie.errors import PushError
from caslie.fusion import frame
from caslie.fusion.prompts import CHAT
from caslie.publish.adapter import PROMPT, Adapter, measured_on, trained_on
from caslie.publish.bases import Licence, cards_folder, licence_of
from caslie.publish.eval_results import eval_results_files, index_entries
from caslie.publish.publication import Publication
from mmecinstruct.markdown import environment

if TYPE_CHECKING:
    from huggingface_hub import ModelCardData

ROW = ["input", "instruction", "options"]  # a prompt of these can be made of any row of the dataset
TAGS = ["mmecinstruct", "caslie", "e-commerce", "lora", "sft", "trl"]
VLLM_RANKS = (1, 8, 16, 32, 64, 128, 256, 320, 512)  # the only values of its --max-lora-rank


@dataclass(frozen=True, slots=True)
class _Artifact:
    name: str
    bytes: int
    sha256: str


def render_model_card(adapter: Adapter, publication: Publication) -> dict[str, bytes]:
    """The card's files by their path in the repository: README.md, the scores for leaderboards, a licence's notice.

    Raises:
        PushError: what it was trained or measured on has no commit, or its licence is not settled.
    """
    has_text = (adapter.directory / "LICENSE").exists()
    licence = licence_of(adapter.training.base_model, publication.license, has_text)
    files = {"README.md": _readme(adapter, publication.repository, licence).encode()}
    if adapter.scores:
        files |= eval_results_files(adapter.scores)
    if licence.base and licence.base.notice:
        files["NOTICE"] = f"{licence.base.notice}\n".encode()
    return files


def _readme(adapter: Adapter, repository: str, licence: Licence) -> str:
    card = environment(cards_folder())
    card.filters.update(digits=_digits, plain=_plain)
    title = _title(repository, licence)
    return card.get_template("caslie.md.jinja").render(
        header=_header(adapter, title, licence).to_yaml(),
        title=title,
        repository=repository,
        training=adapter.training,
        scores=adapter.scores,
        dropout=adapter.dropout,
        parameters=sum(one.parameters for one in adapter.tensors if ".lora_" in one.name),
        prompt=adapter.prompt.rstrip("\n"),
        fence=_fence(adapter.prompt),
        variables=(variables := _variables(adapter)),
        row=variables == ROW,
        chat=DATE if adapter.prompt == frame(CHAT).source else None,
        own_tokenizer=(adapter.directory / "tokenizer_config.json").exists(),
        vllm_rank=next((rank for rank in VLLM_RANKS if rank >= adapter.training.lora.r), adapter.training.lora.r),
        licence=licence,
        artifacts=list(_artifacts(adapter)),
    )


def _header(adapter: Adapter, title: str, licence: Licence) -> "ModelCardData":
    from huggingface_hub import ModelCardData

    training, scores = adapter.training, adapter.scores
    return ModelCardData(
        language="en",
        license=licence.identifier,
        license_name=licence.name or None,
        license_link=licence.link or None,
        library_name="peft",
        pipeline_tag="text-generation",
        base_model=training.base_model,
        base_model_relation="adapter",
        datasets=sorted({trained_on(training).repository} | ({measured_on(scores).repository} if scores else set())),
        metrics=sorted({one.metric for one in scores.results}) if scores else None,
        tags=TAGS,
        model_name=title,
        eval_results=index_entries(scores) if scores else None,
    )


def _title(repository: str, licence: Licence) -> str:
    name = repository.partition("/")[2]
    begins = licence.base.name_begins if licence.base else ""
    return name if name.lower().startswith(begins.lower()) else f"{begins} {name}"


def _variables(adapter: Adapter) -> list[str]:
    """The names a prompt's template asks for; the template is parsed, never run."""
    from jinja2 import TemplateSyntaxError, meta
    from jinja2.sandbox import SandboxedEnvironment

    try:
        return sorted(meta.find_undeclared_variables(SandboxedEnvironment().parse(adapter.prompt)))
    except TemplateSyntaxError as error:
        where = f"{adapter.directory / PROMPT}: line {error.lineno}"
        raise PushError(f"{where}: no template of jinja: {error.message}") from error


def _fence(text: str) -> str:
    """A fence that no run of backticks inside the text can close."""
    longest = max((len(run) for run in re.findall("`+", text)), default=0)
    return "`" * max(3, longest + 1)


def _artifacts(adapter: Adapter) -> Iterator[_Artifact]:
    for name, content in adapter.contents().items():
        if isinstance(content, bytes):
            yield _Artifact(name, len(content), hashlib.sha256(content).hexdigest())
            continue
        with content.open("rb") as file:
            digest = hashlib.file_digest(file, "sha256").hexdigest()
        yield _Artifact(name, content.stat().st_size, digest)


def _digits(value: float) -> str:
    """Three digits, as the paper prints; all of them where three would say nothing or everything."""
    text = f"{value:.3f}"
    return text if float(text) == value or 0 < float(text) < 1 else repr(value)


def _plain(value: object) -> str:
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
