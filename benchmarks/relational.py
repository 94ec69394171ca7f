"""The relational half against pandas: reviews and metadata in, the pools of SR and SA out, with the same counts.

    python benchmarks/relational.py

Ours is what a build does: stage both files into DuckDB (every line checked, digested and located), make the product
tables, and open the two tasks' pools. The other side is what a competent researcher would write with pandas: chunks
of `read_json` keeping the columns that are needed, a merge, the earliest review, the 5-core, a list a user.
"""

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from measuring import Bench, Line, best, check, main

N_REVIEWS = 1_000_000
N_PRODUCTS = 100_000
ROUNDS = 2  # the faster one counts
CORE = 5
LONGEST = 50
BACK = {"test": 1, "validation": 2, "train": 3}


def write(folder: Path) -> dict[str, Any]:
    """Write the corpus."""
    from measuring.corpus import write_corpus

    write_corpus(folder / "sources", N_REVIEWS, N_PRODUCTS)
    return {"mb": sum(path.stat().st_size for path in folder.rglob("*.jsonl")) / 1e6}


def ours(folder: Path) -> dict[str, Any]:
    """Stage and open the pools, as `build` does."""
    from mmecinstruct.builder.sampling import open_pool
    from mmecinstruct.config import Recipe
    from mmecinstruct.sources import Corpora, find
    from mmecinstruct.tasks import TASKS

    tasks = [TASKS["sr"], TASKS["sa"]]
    needs = [need for task in tasks for need in task.needs(task.options(), "ind")]
    (folder / "corpora.duckdb").unlink(missing_ok=True)  # or the next round would go on where this one ended
    with Corpora(folder / "corpora.duckdb", 2, Recipe("bench").memory) as corpora:
        for found in find(folder / "sources", needs)[0]:
            corpora.stage(folder / "sources", found)
        corpora.catalogue()
        counts = {}
        for task in tasks:
            open_pool(corpora, task, task.options(), "ind", 1)
            counts[task.abbr] = dict(corpora.rows("SELECT split, count(*) FROM pool GROUP BY 1"))
        ((users, bought),) = corpora.rows(
            "SELECT count(*), sum(len(refs))::BIGINT FROM sr_ind.pool WHERE split = 'test'"
        )
    return {"users": users, "interactions": bought, "sr": counts["sr"], "sa": sum(counts["sa"].values())}


def pandas(folder: Path) -> dict[str, Any]:
    """Do the same with pandas."""
    corpus = folder / "sources" / "amazon_reviews_2023"
    bought, reviewed = _pandas_reviews(corpus / "Tools_and_Home_Improvement.jsonl")
    products = _pandas_products(corpus / "meta_Tools_and_Home_Improvement.jsonl")
    bought = _pandas_core(bought.merge(products[["parent_asin"]], on="parent_asin"))
    bought = bought.sort_values(["user_id", "timestamp", "parent_asin"])
    seen = bought.groupby("user_id")["parent_asin"].agg(list).str[-LONGEST:]
    pools = {split: _pandas_pool(seen, back) for split, back in BACK.items()}
    reviewed = reviewed.drop_duplicates(["user_id", "parent_asin", "timestamp"]).sample(frac=1, random_state=1)
    return {
        "users": len(seen),
        "interactions": int(seen.str.len().sum()),
        "sr": {split: len(pool) for split, pool in pools.items()},
        "sa": len(reviewed),
    }


def _pandas_chunks(path: Path, columns: list[str]) -> Iterator[Any]:
    import pandas as pd

    with pd.read_json(path, lines=True, chunksize=100_000, dtype=False) as chunks:
        for chunk in chunks:
            yield chunk[columns]


def _pandas_reviews(path: Path) -> tuple[Any, Any]:
    """Every interaction, and the reviews that sentiment analysis can use."""
    import pandas as pd

    bought, reviewed = [], []
    for chunk in _pandas_chunks(path, ["user_id", "parent_asin", "rating", "text", "timestamp", "images"]):
        bought.append(chunk[["user_id", "parent_asin", "timestamp"]])
        words = chunk["text"].str.replace(re.compile("</?[A-Za-z][^<>]*>"), " ", regex=True).str.split().str.len()
        keep = (words > 10) & (chunk["images"].str.len() > 0) & chunk["rating"].isin([1, 2, 3, 4, 5])
        reviewed.append(chunk[keep])
    return pd.concat(bought), pd.concat(reviewed)


def _pandas_products(path: Path) -> Any:
    """Products with a title and a main picture."""
    import pandas as pd

    kept = []
    for chunk in _pandas_chunks(path, ["parent_asin", "title", "store", "categories", "details", "images"]):
        main_picture = chunk["images"].map(lambda all: [one["large"] for one in all if one["variant"] == "MAIN"])
        chunk = chunk.assign(picture=main_picture.str[0]).drop(columns="images")
        kept.append(chunk[chunk["title"].notna() & chunk["picture"].notna()])
    products = pd.concat(kept).drop_duplicates("parent_asin")
    return products[~products["title"].str.contains("getTime")]


def _pandas_core(bought: Any) -> Any:
    bought = bought.groupby(["user_id", "parent_asin"], as_index=False)["timestamp"].min()
    n = 0
    while n != len(bought):
        n = len(bought)
        of_user = bought.groupby("user_id")["user_id"].transform("size")
        of_item = bought.groupby("parent_asin")["parent_asin"].transform("size")
        bought = bought[(of_user >= CORE) & (of_item >= CORE)]
    return bought


def _pandas_pool(seen: Any, back: int) -> Any:
    """A row a user: the history before the target, in random order."""
    long = seen[seen.str.len() > back]
    rows = long.to_frame("seen").assign(target=long.str[-back], history=long.str[:-back])
    return rows.sample(frac=1, random_state=1)


def compare(bench: Bench) -> list[Line]:
    """Compare time and memory, once the counts agree."""
    written = bench.run("write")
    a, b = map(best, bench.rounds(ROUNDS, "ours", "pandas").values())
    check(a.found == b.found, f"{a.found} and {b.found}")
    what = f"{N_REVIEWS:,} reviews, {N_PRODUCTS:,} products ({written.found['mb']:,.0f} MB)"
    return [
        Line(f"pools of SR and SA, {what}", "s", a.seconds, b.seconds, b.seconds / a.seconds, ">= 8"),
        Line("the same, time of all processors", "s", a.cpu_seconds, b.cpu_seconds, b.cpu_seconds / a.cpu_seconds),
        Line("the same, peak memory", "MB", a.peak_mb, b.peak_mb, a.peak_mb / b.peak_mb, "<= 0.333"),
    ]


if __name__ == "__main__":
    main("the relational half against pandas", {"write": write, "ours": ours, "pandas": pandas}, compare)
