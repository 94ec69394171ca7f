"""What the Hub says of a card before it takes it: https://huggingface.co/docs/hub/model-cards and dataset-cards."""

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass

from caslie.licenses import LICENSES
from caslie.localhub.cards import BadCard, read_metadata
from caslie.localhub.storage.names import RepoType

SIZES = (
    "n<1K",
    *(
        f"{low}<n<{high}"
        for low, high in zip(
            ("1K", "10K", "100K", "1M", "10M", "100M", "1B", "10B", "100B"),
            ("10K", "100K", "1M", "10M", "100M", "1B", "10B", "100B", "1T"),
            strict=True,
        )
    ),
    "n>1T",
)
RELATIONS = ("adapter", "finetune", "merge", "quantized")
SDKS = ("docker", "gradio", "static", "streamlit")
COLORS = ("blue", "gray", "green", "indigo", "pink", "purple", "red", "yellow")
LANGUAGE = re.compile(r"[a-z]{2,3}(-[A-Za-z0-9]{2,8})*|code|multilingual")
REPO = re.compile(r"\w[\w.-]{0,95}(/\w[\w.-]{0,95})?", re.ASCII)
CONFIG = re.compile(r"[^<>:/\\|?*\x00-\x1f]{1,200}")  # what `datasets` can make a folder of
EMPTY = "empty or missing yaml metadata in repo card"

Messages = Iterator[str]
Check = Callable[[str, object], Messages]


@dataclass(frozen=True, slots=True)
class Findings:
    """What is wrong with a card, and what is only odd."""

    errors: tuple[str, ...] = ()
    warnings: tuple[str, ...] = ()


def check_card(card: str, type: RepoType) -> Findings:
    """Look a card over."""
    try:
        metadata = read_metadata(card)
    except BadCard as error:
        return Findings(errors=(str(error),))
    if not metadata:
        return Findings(warnings=(EMPTY,))
    checks = ANY | OF_TYPE[type]
    found = [f for key, value in metadata.items() if key in checks for f in checks[key](key, value)]
    return Findings(errors=tuple(found))


def _text(key: str, value: object) -> Messages:
    if not isinstance(value, str):
        yield f'"{key}" must be a string'


def _texts(fits: Callable[[str], object], must: str) -> Check:
    """One text or a list of texts, each of which fits."""

    def check(key: str, value: object) -> Messages:
        for one in value if isinstance(value, list) else [value]:
            if not isinstance(one, str) or not fits(one):
                yield f'"{key}": {str(one)[:100]!r} must be {must}'

    return check


def _one_of(known: tuple[str, ...]) -> Check:
    return _texts(known.__contains__, f"one of {', '.join(known)}")


def _configs(key: str, value: object) -> Messages:
    if not isinstance(value, list):
        yield f'"{key}" must be a list'
        return
    names = [config.get("config_name", "default") if isinstance(config, Mapping) else None for config in value]
    for config, name in zip(value, names, strict=True):
        if not isinstance(config, Mapping):
            yield f'"{key}" must hold mappings'
        elif not isinstance(name, str) or not CONFIG.fullmatch(name):
            yield f'"{key}": {str(name)[:100]!r} cannot be a config_name'
        elif names.count(name) > 1:
            yield f'"{key}": config_name {name!r} is there twice'
        elif not _are_data_files(config.get("data_files", [])):
            yield f'"{key}": data_files of {name!r} must be paths, or a list of `split` and `path`'


def _are_data_files(value: object) -> bool:
    if isinstance(value, list):
        return all(_is_path(one) or (isinstance(one, Mapping) and _is_split(one)) for one in value)
    return _is_path(value) or (isinstance(value, Mapping) and all(_are_paths(paths) for paths in value.values()))


def _is_split(value: Mapping[str, object]) -> bool:
    return isinstance(value.get("split"), str) and _are_paths(value.get("path"))


def _are_paths(value: object) -> bool:
    return all(_is_path(one) for one in value) if isinstance(value, list) else _is_path(value)


def _is_path(value: object) -> bool:
    return isinstance(value, str) and value != ""


def _mappings(key: str, value: object) -> Messages:
    for one in value if isinstance(value, list) else [value]:
        if not isinstance(one, Mapping):
            yield f'"{key}" must be a mapping or a list of mappings'


def _model_index(key: str, value: object) -> Messages:
    from huggingface_hub.repocard_data import model_index_to_eval_results

    try:
        model_index_to_eval_results(value)  # type: ignore[arg-type]
    except KeyError as error:
        yield f'"{key}": {error} is missing'
    except (TypeError, ValueError, AttributeError) as error:
        yield f'"{key}": {" ".join(str(error).split())[:200]}'


ANY: dict[str, Check] = {
    "license": _texts(LICENSES.__contains__, "a licence of https://huggingface.co/docs/hub/repositories-licenses"),
    "license_name": _text,
    "license_link": _text,
    "language": _texts(LANGUAGE.fullmatch, "an ISO 639 code, `code` or `multilingual`"),
    "tags": _texts(bool, "a text"),
}
OF_TYPE: dict[RepoType, dict[str, Check]] = {
    RepoType.DATASET: {
        "pretty_name": _text,
        "size_categories": _one_of(SIZES),
        "task_categories": _texts(re.compile("[a-z0-9-]+").fullmatch, "the id of a task"),
        "task_ids": _texts(bool, "a text"),
        "source_datasets": _texts(bool, "a text"),
        "configs": _configs,
        "dataset_info": _mappings,
    },
    RepoType.MODEL: {
        "pipeline_tag": _texts(re.compile("[a-z0-9-]+").fullmatch, "the id of a task"),
        "library_name": _text,
        "base_model": _texts(REPO.fullmatch, "the name of a model on the Hub"),
        "base_model_relation": _one_of(RELATIONS),
        "datasets": _texts(REPO.fullmatch, "the name of a dataset on the Hub"),
        "metrics": _texts(bool, "a text"),
        "model-index": _model_index,
    },
    RepoType.SPACE: {
        "title": _text,
        "emoji": _text,
        "sdk": _one_of(SDKS),
        "colorFrom": _one_of(COLORS),
        "colorTo": _one_of(COLORS),
    },
}
