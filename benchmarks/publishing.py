"""What a push sends, and what the next ones send again: by Xet, by LFS, and by plain `upload_folder`.

    python benchmarks/publishing.py

A build of about 300 MB: rows of the sample, each picture filled up to 60 KB with bytes that no compression shrinks and
that no other picture has. `caslie-push` pushes it to a Hub on this machine, pushes it again, then with captions, votes
and verdicts, then with one row in a hundred left out; from the client that pushed before, and from one that knows of
nothing. Bytes are those of the LFS objects and Xet xorbs that the Hub took, by its log.
"""

import io
import os
import random
import re
import shutil
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager, redirect_stdout
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from measuring import Bench, Line, Run, check, main

from mmecinstruct.builder.features import CAPTION_COLUMNS
from mmecinstruct.builder.folder import TEXT_COLUMNS
from mmecinstruct.schema import Captioned, CaptionVote, Sample

ROWS = {"ap_ind": 2_000, "sr_ind": 130}  # 300 MB; three times each is the large build
PICTURE = 60_000
TOKEN = f"hf_{'bench' * 7}"
TOOK = re.compile(r" (?:PUT /lfs/objects|POST \S+/v1/xorbs/default)/(\w+) 200 ")
COMMIT = re.compile(r" POST \S+/commit/\S+ 200 ")
JUDGES = tuple(f"transformers/bench/judge-{i}" for i in range(5))
ABOUT = {"captioner": "transformers/bench/captioner", "context": "task", "lineup": "mv5", "judges": JUDGES}
Row = dict[str, Any]


def write(folder: Path) -> dict[str, Any]:
    """Build a few rows, to be multiplied."""
    from mmecinstruct import builder
    from mmecinstruct.config import load_recipe
    from mmecinstruct.sample import write_sample

    write_sample(folder / "sources")
    builder.build(load_recipe("sample"), builder.Request(folder / "sources", folder / "few", tasks=("ap", "sr")))
    return {}


def build(folder: Path, name: str, part: str = "1") -> dict[str, Any]:
    """Write a build of many rows; `dropped` has fewer."""
    from mmecinstruct.builder.features import sample_features
    from mmecinstruct.builder.manifest import Config, read_manifest, write_json
    from mmecinstruct.builder.writer import SplitWriter

    few, out = folder / "few", folder / name
    out.mkdir()
    shutil.copy(few / "leakage.json", out)
    manifest, pictures, configs = read_manifest(few), 0, {}
    for config, n in ROWS.items():
        about = Config(config, manifest["configs"][config]["task"], "ind")
        writer = SplitWriter(out, config, "train", sample_features(with_pictures=True))
        for i, row in enumerate(_rows(few, config, int(n * float(part)))):
            weight = sum(len(image["bytes"]) for image in row["images"])
            if name != "dropped" or i % 100 != 50:
                pictures += weight
                writer.add(row, weight)
        about.add("train", writer)
        configs[config] = {"task": about.task, "domain": about.domain, "splits": about.splits}
    write_json(out / "manifest.json", manifest | {"configs": configs})
    return {"picture_mb": pictures / 1e6, "mb": _shards_mb(out)}


def caption(folder: Path, name: str) -> dict[str, Any]:
    """Write the whole build with captions."""
    from mmecinstruct.builder import write_captioned
    from mmecinstruct.builder.folder import Folder

    write_captioned(Folder(folder / "whole"), folder / name, _captioned, ABOUT)
    return {"mb": _shards_mb(folder / name), "caption_mb": _columns_mb(folder / name, CAPTION_COLUMNS)}


def push(folder: Path, hub: str, home: str, name: str) -> dict[str, Any]:
    """Push a build as `caslie-push` does: sent, loaded back, compared, promoted, tagged."""
    _be_client(folder, hub, home)
    from caslie.push import app
    from mmecinstruct.terminal import run

    sys.argv = ["caslie-push", "dataset", str(folder / name), "alice/bench", "--license", "mit", "--yes", "--json"]
    start = time.perf_counter()
    with redirect_stdout(io.StringIO()):
        try:
            run(app)
        except SystemExit as end:
            check(not end.code, f"the push of {name} ended with {end.code}")
    return {"seconds": time.perf_counter() - start}


def upload(folder: Path, hub: str, home: str, name: str) -> dict[str, Any]:
    """Push a build as the client alone does: `upload_folder`, straight to `main`."""
    _be_client(folder, hub, home)
    from huggingface_hub import HfApi

    start = time.perf_counter()
    HfApi().create_repo("alice/bench", repo_type="dataset", exist_ok=True)
    HfApi().upload_folder(repo_id="alice/bench", repo_type="dataset", folder_path=folder / name)
    return {"seconds": time.perf_counter() - start}


def load(folder: Path, hub: str, home: str) -> dict[str, Any]:
    """Load all of it as its readers do."""
    _be_client(folder, hub, home)
    from datasets import load_dataset

    start = time.perf_counter()
    rows = sum(load_dataset("alice/bench", config, split="train").num_rows for config in ROWS)
    return {"seconds": time.perf_counter() - start, "rows": rows}


def _be_client(folder: Path, hub: str, home: str) -> None:
    """Read by the clients when they are imported, which is why they are not yet."""
    from caslie.localhub.running import find_running

    running = find_running(folder / hub)
    os.environ |= {
        "HF_ENDPOINT": running.endpoint if running else "",
        "HF_TOKEN": TOKEN,
        "HF_HOME": str(folder / home),
        "HF_HUB_OFFLINE": "0",
        "HF_HUB_DISABLE_XET": "1" if hub.startswith("lfs") else "0",
        "HF_HUB_DISABLE_PROGRESS_BARS": "1",
        "USE_TORCH": "0",
    }


def _rows(few: Path, config: str, n: int) -> Iterator[Row]:
    from mmecinstruct.builder.folder import Folder

    rows = list(Folder(few).rows(config, "train", (*TEXT_COLUMNS, "images")))
    for i in range(n):
        row = rows[i % len(rows)]
        images = [_filled(image, f"{config} {i} {place}") for place, image in enumerate(row["images"])]
        yield row | {"id": f"{config}-train-{i:06}", "images": images}


def _filled(image: Row, name: str) -> Row:
    # After the end of a JPEG, where readers take no notice.
    return image | {"bytes": image["bytes"] + random.Random(name).randbytes(PICTURE - len(image["bytes"]))}


def _captioned(sample: Sample) -> Captioned:
    """One caption of about thirty words an item, five votes on it, and what they come to."""
    dice = random.Random(f"captions {sample.id}")
    words = " ".join(item.title for item in sample.items).split() or ["picture"]
    items = range(len(sample.items))
    votes = [[CaptionVote(judge, dice.random() < 0.8, dice.random()) for judge in JUDGES] for _ in items]
    captions = [" ".join(dice.choices(words, k=30)) for _ in items]
    kept = [sum(vote.useful is True for vote in one) > 2 for one in votes]
    return Captioned(tuple(captions), tuple(map(tuple, votes)), tuple(kept))


def _shards_mb(out: Path) -> float:
    return sum(path.stat().st_size for path in out.rglob("*.parquet")) / 1e6


def _columns_mb(out: Path, names: tuple[str, ...]) -> float:
    import pyarrow.parquet as pq

    tables = [pq.read_metadata(path) for path in out.rglob("*.parquet")]
    groups = [table.row_group(i) for table in tables for i in range(table.num_row_groups)]
    columns = [group.column(i) for group in groups for i in range(group.num_columns)]
    return sum(one.total_compressed_size for one in columns if one.path_in_schema.split(".")[0] in names) / 1e6


@dataclass(slots=True)
class Hub:
    """A Hub that runs, and how far its log was read."""

    bench: Bench
    name: str
    n_lines: int = 0

    def run(self, side: str, home: str, *words: str) -> tuple[Run, float, int]:
        """Run a client; also the megabytes of content that the Hub took, and the commits it made."""
        ran = self.bench.run(side, self.name, home, *words)
        root = self.bench.folder / self.name
        log = (root / "server.log").read_text().splitlines()
        new, self.n_lines = "\n".join(log[self.n_lines :]), len(log)
        sizes = {path.name: path.stat().st_size for kind in ("objects", "xet") for path in (root / kind).rglob("*")}
        return ran, sum(sizes[name] for name in TOOK.findall(new)) / 1e6, len(COMMIT.findall(new))


@contextmanager
def served(bench: Bench, name: str) -> Iterator[Hub]:
    """Run a Hub of its own for as long as the block lasts."""
    from caslie.localhub import background
    from caslie.localhub.orders import HOST, Order

    root = bench.folder / name
    background.start(Order(root, HOST, 0, (f"alice:{TOKEN}",)))
    try:
        yield Hub(bench, name)
    finally:
        background.stop(root)
        shutil.rmtree(root)


def compare(bench: Bench) -> list[Line]:
    """Compare what is sent with what there is, and the ways to send it."""
    bench.run("write")
    made = {name: bench.run("build", name).found for name in ("whole", "dropped")}
    made["captions"] = bench.run("caption", "captions").found
    made["large"] = bench.run("build", "large", "3").found
    lines: list[Line] = []
    first: dict[str, Run] = {}
    for transport in ("xet", "lfs"):
        with served(bench, transport) as hub:
            first[transport] = _pushes(hub, made, lines)
    with served(bench, "xet-fresh") as hub:
        hub.run("push", "fresh-1", "whole")
        lines += _again(hub, made, "Xet, another client", ("fresh-2", "fresh-3"))
    for transport in ("xet", "lfs"):
        lines += _against_the_client_alone(bench, transport, made, first[transport])
    return lines


def _pushes(hub: Hub, made: dict[str, Any], lines: list[Line]) -> Run:
    """Push, push again, push what changed; the first run."""
    by, size = hub.name.capitalize() if hub.name == "xet" else "LFS", made["whole"]["mb"]
    run, sent, _ = hub.run("push", f"home-{hub.name}", "whole")
    lines.append(Line(f"{by}: sent by the first push; the build", "MB", sent, size, sent / size))
    loaded = hub.run("load", f"reader-{hub.name}")[0].found
    check(loaded["rows"] == sum(ROWS.values()), f"{loaded['rows']} rows were loaded")
    again, sent, commits = hub.run("push", f"home-{hub.name}", "whole")
    lines.append(Line(f"{by}: sent by the same push again; the build", "MB", sent, size, sent / size, "<= 0"))
    lines.append(
        Line(f"{by}: commits of the same push again; of the first", "commits", commits, 2, commits / 2, "<= 0")
    )
    lines.append(
        Line(f"{by}: the same push again; the first", "s", again.seconds, run.seconds, again.seconds / run.seconds)
    )
    lines += _again(hub, made, by, (f"home-{hub.name}",) * 2)
    return run


def _again(hub: Hub, made: dict[str, Any], by: str, homes: tuple[str, str]) -> list[Line]:
    """Push the two changed builds."""
    pictures = made["whole"]["picture_mb"]
    _, captions, _ = hub.run("push", homes[0], "captions")
    captions -= made["captions"]["caption_mb"]
    _, dropped, _ = hub.run("push", homes[1], "dropped")
    aims = ("<= 0.02", "<= 0.15") if by.startswith("Xet") else ("", "")
    return [
        Line(
            f"{by}: captions added, sent besides them; the pictures",
            "MB",
            captions,
            pictures,
            captions / pictures,
            aims[0],
        ),
        Line(
            f"{by}: 1 % of the rows dropped, sent; the pictures", "MB", dropped, pictures, dropped / pictures, aims[1]
        ),
    ]


def _against_the_client_alone(bench: Bench, transport: str, made: dict[str, Any], whole: Run) -> list[Line]:
    by = "Xet" if transport == "xet" else "LFS"
    with served(bench, f"{transport}-large") as hub:
        large, _, _ = hub.run("push", f"large-{transport}", "large")
    with served(bench, f"{transport}-alone") as hub:
        alone, _, _ = hub.run("upload", f"alone-{transport}", "whole")
    sizes = f"{made['large']['mb']:,.0f} MB; {made['whole']['mb']:,.0f} MB"
    return [
        Line(
            f"{by}: peak memory of a push: {sizes}",
            "MB",
            large.peak_mb,
            whole.peak_mb,
            large.peak_mb / whole.peak_mb,
            "<= 1.2",
        ),
        Line(
            f"{by}: caslie-push, loaded back and compared; upload_folder",
            "s",
            whole.seconds,
            alone.seconds,
            whole.seconds / alone.seconds,
        ),
        Line(f"{by}: the same, peak memory", "MB", whole.peak_mb, alone.peak_mb, whole.peak_mb / alone.peak_mb),
    ]


if __name__ == "__main__":
    main(
        "what a push sends",
        {"write": write, "build": build, "caption": caption, "push": push, "upload": upload, "load": load},
        compare,
    )
