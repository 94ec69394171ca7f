"""What a build holds, counted: the paper's Tables A1 and A2, Figure A1 and the averages of A.5, in one pass."""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from mmecinstruct.builder.card import sources_of
from mmecinstruct.builder.folder import Folder

# "we exclude very long inputs (those representing at most 1% of samples) in the SA and SR tasks" (A.3)
LONG_TAILED = ("sentiment_analysis", "sequential_recommendation")
LONGEST = 0.01
N_BINS = 30
OTHERS, SMALLEST = "Others", 0.01  # the smallest category that Table A2 names has 1.47 %
UNKNOWN = "Not known"

COLUMNS = ("task", "input", "options", "output", "items")


@dataclass(slots=True)
class _Split:
    rows: int = 0
    pictures: int = 0
    answers: Counter[str] = field(default_factory=Counter)
    distinct: set[int] = field(default_factory=set)  # 64 bits of each sha256: 40 MB for the paper's size


@dataclass(slots=True)
class _Task:
    abbr: str
    words: Counter[int] = field(default_factory=Counter)
    options: Counter[int] = field(default_factory=Counter)
    items: Counter[int] = field(default_factory=Counter)


@dataclass(slots=True)
class _Purchases:
    """What SR rows tell: how long a user's sequence is, and how long the text of a product."""

    by_split: dict[str, Counter[int]] = field(default_factory=dict)
    words: Counter[int] = field(default_factory=Counter)


def statistics(folder: Folder) -> dict[str, Any]:
    """Count a build, ready for JSON; rows are read one batch at a time, without their pictures."""
    tasks: dict[str, _Task] = {}
    splits: dict[tuple[str, str], _Split] = {}
    categories: Counter[str] = Counter()
    purchases = _Purchases()
    for config in folder.configs:
        for split in folder.splits(config):
            counted = splits[config, split] = _Split()
            for row in folder.rows(config, split, COLUMNS):
                _count_split(counted, row)
                _count_task(tasks.setdefault(row["task"], _Task(config.partition("_")[0])), row)
                _count_purchases(purchases, split, row)
                categories[category_name(row)] += 1
    return {
        "licences": _licences(folder.manifest),
        "splits": [_split_line(folder.manifest, *key, counted) for key, counted in splits.items()],
        "total": _total(splits),
        "lengths": {name: _lengths(name, task) for name, task in tasks.items()},
        "shape": {name: {"options": _few(task.options), "items": _few(task.items)} for name, task in tasks.items()},
        "categories": _shares(categories),
        "purchases": _purchases(purchases),
    }


def category_name(row: Mapping[str, Any]) -> str:
    """The product category of a sample, as Table A2 prints it: of its first item, or of the option that is right."""
    category = str(_main_item(row)["category"]).partition(". ")[0]
    return " ".join(category.replace("&", " and ").replace(",", " ").replace("_", " ").split()) or UNKNOWN


def _main_item(row: Mapping[str, Any]) -> Mapping[str, Any]:
    options = [item for item in row["items"] if item["role"] == "option"]
    right = [
        item for item, line in zip(options, row["options"], strict=False) if line.startswith(f"{row['output']}: ")
    ]
    main: Mapping[str, Any] = [*right, row["items"][0]][0]
    return main


def _count_split(split: _Split, row: Mapping[str, Any]) -> None:
    split.rows += 1
    split.pictures += len(row["items"])
    split.answers[row["output"]] += 1
    split.distinct.update(int(item["picture"][:16], 16) for item in row["items"])


def _count_task(task: _Task, row: Mapping[str, Any]) -> None:
    task.words[len(row["input"].split())] += 1
    task.options[len(row["options"])] += 1
    task.items[len(row["items"])] += 1


def _count_purchases(purchases: _Purchases, split: str, row: Mapping[str, Any]) -> None:
    n_history = sum(item["role"] == "history" for item in row["items"])
    if n_history:
        purchases.by_split.setdefault(split, Counter())[n_history + 1] += 1  # with the one that is asked for
        # Titles with categories and brands, as rendered; only the options have no JSON marks around them.
        purchases.words.update(len(line.partition(": ")[2].split()) for line in row["options"])


def _licences(manifest: dict[str, Any]) -> list[dict[str, str]]:
    keys = ("name", "licence", "licence_from", "homepage")
    return [{key: about[key] for key in keys} for about in sources_of(manifest).values()]


def _split_line(manifest: dict[str, Any], config: str, split: str, counted: _Split) -> dict[str, Any]:
    files = manifest["configs"][config]["splits"][split]["files"]
    return {
        "config": config,
        "split": split,
        "rows": counted.rows,
        "pictures": counted.pictures,
        "distinct_pictures": len(counted.distinct),
        "bytes": sum(file["bytes"] for file in files),
        "answers": dict(sorted(counted.answers.items())),
    }


def _total(splits: Mapping[tuple[str, str], _Split]) -> dict[str, int]:
    return {
        "rows": sum(one.rows for one in splits.values()),
        "pictures": sum(one.pictures for one in splits.values()),
        "distinct_pictures": len(set().union(*(one.distinct for one in splits.values()))),
    }


def _lengths(name: str, task: _Task) -> dict[str, Any]:
    drawn = _without_longest(task.words) if name in LONG_TAILED else task.words
    return {
        "abbr": task.abbr,
        "rows": task.words.total(),
        "mean": _mean(task.words),
        "median": _quantile(task.words, 0.5),
        "p95": _quantile(task.words, 0.95),
        "max": max(task.words),
        "left_out": task.words.total() - drawn.total(),
        "histogram": _histogram(drawn),
    }


def _without_longest(words: Counter[int]) -> Counter[int]:
    longest = _quantile(words, 1 - LONGEST)
    return Counter({length: n for length, n in words.items() if length <= longest})


def _histogram(words: Counter[int]) -> dict[str, Any]:
    """Bins of whole words, all of one width, so that no bar is high only because it holds one length more."""
    low, high = min(words), max(words)
    width = -(-(high - low + 1) // N_BINS)
    counts = [0] * ((high - low) // width + 1)
    for length, n in words.items():
        counts[(length - low) // width] += n
    return {"start": low, "width": width, "counts": counts}


def _quantile(counts: Counter[int], share: float) -> int:
    """The smallest value that at least this share of all values does not exceed."""
    wanted, so_far = share * counts.total() - 1e-9, 0
    for value in sorted(counts):
        so_far += counts[value]
        if so_far >= wanted:
            return value
    raise ValueError("nothing counted")


def _mean(counts: Counter[int]) -> float:
    return round(sum(value * n for value, n in counts.items()) / counts.total(), 2)


def _few(counts: Counter[int]) -> dict[str, float]:
    return {"mean": _mean(counts), "min": min(counts), "max": max(counts)}


def _shares(categories: Counter[str]) -> list[dict[str, Any]]:
    total = categories.total()
    small = [name for name, n in categories.items() if n < SMALLEST * total]
    named = sorted(
        ((name, n) for name, n in categories.items() if name not in small), key=lambda one: (-one[1], one[0])
    )
    rest = [(OTHERS, sum(categories[name] for name in small))] if small else []
    return [{"category": name, "samples": n, "percent": round(100 * n / total, 2)} for name, n in [*named, *rest]]


def _purchases(purchases: _Purchases) -> dict[str, Any]:
    """The averages of A.5; a user's whole sequence is what the test split shows."""
    if not purchases.by_split:
        return {}
    return {
        "interactions_per_user": {split: _mean(counts) for split, counts in purchases.by_split.items()},
        "words_per_product": _mean(purchases.words),
    }
