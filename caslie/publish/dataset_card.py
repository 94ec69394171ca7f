"""The card of a published dataset, from the manifest, the leakage report and the rows themselves."""

import hashlib
import json
import tempfile
from pathlib import Path
from typing import Any

from jinja2 import UndefinedError

from caslie.errors import PushError
from caslie.publish.publication import Publication
from mmecinstruct.builder.card import Artifact, Published, render_card, sources_of, unlicensed
from mmecinstruct.builder.folder import Folder

FIGURE = "figures/input_lengths.png"
SIZES = {1_000: "n<1K", 10_000: "1K<n<10K", 100_000: "10K<n<100K", 1_000_000: "100K<n<1M", 10_000_000: "1M<n<10M"}
LARGEST = "10M<n<100M"
TOLD = ("recipe", "dropped", "skipped", "corpora", "pictures", "leakage", "libraries")  # of a manifest, by the card

TASKS = ["visual-question-answering", "multiple-choice", "question-answering", "text-classification"]
TAGS = ["e-commerce", "instruction-tuning", "multimodal", "image", "text", "datasets", "mmecinstruct"]


def render_dataset_card(build: Path, publication: Publication) -> dict[str, bytes]:
    """The files of a build's card, by their path in the repository; the same build gives the same bytes.

    Raises:
        PushError: no licence was decided, or the build lacks what the card tells.
        OutputError: the folder is no build.
    """
    folder = Folder(build)
    leakage = _leakage(build)
    _check(folder.manifest, build)
    drawn = is_drawn(folder)
    licence = _decided(publication, build, folder.manifest, drawn)
    stats, figure = _counted(folder)
    files = {FIGURE: figure}
    if licence == "other":
        files["LICENSE"] = _terms(folder.manifest, drawn).encode()
    published = Published(
        repository=publication.repository,
        license=licence,
        drawn=drawn,
        statistics=stats,
        leakage=leakage,
        figure=FIGURE,
        artifacts=tuple(_artifacts(build, files)),
        header=_header(folder.manifest, licence, drawn),
    )
    return {"README.md": _card(build, folder.manifest, published).encode(), **files}


def is_drawn(folder: Folder) -> bool:
    """Tell whether every brand in the rows is one that `mmecinstruct sample` makes up.

    The rows tell it, not the recipe's name, for real corpora can be built with any recipe. Rows without a brand, as
    those of sentiment analysis, prove nothing.
    """
    from mmecinstruct.sample.looks import BRANDS

    found = False
    for config in folder.configs:
        for split in folder.splits(config):
            for row in folder.rows(config, split, ("items",)):
                brands = {item["brand"] for item in row["items"]} - {""}
                if not brands <= set(BRANDS):
                    return False
                found = found or bool(brands)
    return found


def size_category(rows: int) -> str:
    """The Hub's word for how many rows there are."""
    return next((name for limit, name in SIZES.items() if rows < limit), LARGEST)


def _counted(folder: Folder) -> tuple[dict[str, Any], bytes]:
    from mmecinstruct.looking import length_figure, statistics

    stats = statistics(folder)
    with tempfile.TemporaryDirectory() as temporary:
        return stats, length_figure(stats, Path(temporary, "figure.png")).read_bytes()


def _artifacts(build: Path, files: dict[str, bytes]) -> list[Artifact]:
    on_disk = {name: (build / name).read_bytes() for name in ("manifest.json", "leakage.json")}
    return [
        Artifact(name, len(content), hashlib.sha256(content).hexdigest())
        for name, content in (on_disk | files).items()
    ]


def _header(manifest: dict[str, Any], licence: str, drawn: bool) -> dict[str, Any]:
    rows = sum(
        split["rows"]
        for name, config in manifest["configs"].items()
        if name != "pictures"
        for split in config["splits"].values()
    )
    origin = "machine-generated" if drawn else "found"
    annotators = [origin, *(["machine-generated"] if "captions" in manifest else [])]
    terms = "no-terms-stated" if drawn else "terms-of-the-sources"
    named = {"license_name": terms, "license_link": "LICENSE"} if licence == "other" else {}
    return {
        "pretty_name": "MMECInstruct, drawn sample" if drawn else "MMECInstruct",
        "license": licence,
        **named,
        "language": ["en"],
        "annotations_creators": list(dict.fromkeys(annotators)),
        "language_creators": [origin],
        "size_categories": [size_category(rows)],
        "source_datasets": ["original" if drawn else "extended"],
        "task_categories": TASKS,
        "tags": TAGS,
    }


def _decided(publication: Publication, build: Path, manifest: dict[str, Any], drawn: bool) -> str:
    if publication.license is not None:
        return publication.license
    silent = unlicensed(manifest)
    state = "states" if len(silent) == 1 else "state"
    why = f": {', '.join(silent)} {state} no licence, so none follows from them" if silent else ""
    drawn_too = ". Its rows are drawn by mmecinstruct itself in the layout of these corpora" if drawn else ""
    raise PushError(
        f"{build}: nobody decided under which licence to publish it{why}{drawn_too}."
        " Decide with --license cc-by-4.0 (or another of the Hub's), or --license other for the terms of each source"
    )


def _card(build: Path, manifest: dict[str, Any], published: Published) -> str:
    try:
        return render_card(manifest, published)
    except UndefinedError as error:
        raise PushError(f"{build}: manifest.json or leakage.json lacks what the card tells: {error}") from error


def _check(manifest: dict[str, Any], build: Path) -> None:
    if missing := [name for name in TOLD if name not in manifest]:
        raise PushError(f"{build / 'manifest.json'}: lacks {', '.join(missing)}, which the card tells; build again")


def _terms(manifest: dict[str, Any], drawn: bool) -> str:
    """The text of the licence `other`: no licence of its own, but the terms of each source."""
    lines = [
        f"{about['name']} ({about['homepage']}): {about['licence']}, stated in {about['licence_from']}"
        for about in sources_of(manifest).values()
    ]
    if drawn:
        return "These rows were drawn by mmecinstruct itself. No corpus binds them; their publisher states no terms.\n"
    return "\n".join(["Each part of this dataset is under the terms of the corpus it was read from.", "", *lines, ""])


def _leakage(build: Path) -> dict[str, Any]:
    path = build / "leakage.json"
    try:
        content = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError, RecursionError) as error:
        raise PushError(f"{path}: cannot be read ({error}); build again") from error
    if not isinstance(content, dict):
        raise PushError(f"{path}: is no leakage report; build again")
    return content
