"""Words against words, and against the rows that are there (paper, Tables 1 to A14, 3.1 to 3.4, A.1, D, E.4)."""

import re

from caslie.paper.findings import Finding, judged
from caslie.paper.paper import BY_TASK, TASKS, Paper

BYTES_PER_WEIGHT = 2  # bf16


def check_words(paper: Paper) -> list[Finding]:
    """Hold sentences and labels against each other."""
    return [
        _task_names(paper),
        _llava_names(paper),
        _prp_source(paper),
        _tasks_followed(paper),
        _already_split(paper),
        _fine_tuned_llms(paper),
        _zero_shot(paper),
        _gpu_memory(paper),
        _shopping_queries(paper),
        _address(paper),
    ]


def _task_names(paper: Paper) -> Finding:
    named = [task for row in paper.tables["3"].rows[:-1] for task in row.labels[0].split(", ")]
    strange = [task for task in named if task.lower() not in TASKS]
    missing = [task.upper() for task in TASKS if task.upper() not in named]
    proof = f"No other table or text has {', '.join(strange) or 'another'}; {', '.join(missing) or 'none'} is missing."
    printed, right = ", ".join(strange) or "seven tasks", ", ".join(missing) or "seven tasks"
    return Finding("Table 3", "names of tasks", printed, right, judged(not strange and not missing), proof)


def _llava_names(paper: Paper) -> Finding:
    names = {number: labels[0] for number in ("4", "A7") for labels in paper.labels(number) if "LLaVA" in labels[0]}
    proof = "One model, by its numbers: " + ", ".join(f"Table {number} calls it {n}" for number, n in names.items())
    verdict = judged(len(set(names.values())) == 1)
    return Finding("Tables 4, A7", "the name of ft-LLaVA", names["4"], names["A7"], verdict, f"{proof}.")


def _prp_source(paper: Paper) -> Finding:
    source, origin = paper.sayings["prp_source"], paper.sayings["prp_origin"]
    relations = paper.sayings["amazon_2023_relations"]
    older = paper.sayings["amazon_2018_relations"]
    proof = (
        f"Of relations its metadata has {relations.words} alone; {older.words} are in the data of Ni et al., 2019, "
        f"which {origin.where} cites for this task."
    )
    verdict = judged("2023" not in source.words or "also_view" in relations.words)
    return Finding(source.where, "the source of PRP", "Amazon Review 2023", "Amazon Review 2018", verdict, proof)


def _tasks_followed(paper: Paper) -> Finding:
    saying, theirs = paper.sayings["following_ecinstruct"], paper.sayings["ecinstruct_tasks"]
    known = theirs.words.lower().split(", ")
    new = [task.upper() for task in TASKS if task not in known]
    proof = f"ECInstruct has {len(known)} tasks, {theirs.words}; {', '.join(new) or 'none'} is not among them."
    recomputed = f"{len(TASKS) - len(new)} of {len(TASKS)}"
    return Finding(saying.where, "tasks that follow ECInstruct", "7 of 7", recomputed, judged(not new), proof)


def _already_split(paper: Paper) -> Finding:
    saying, splits = paper.sayings["already_split"], paper.sayings["esci_splits"]
    tasks = [task for task in ("PSI", "MPC") if task in saying.words]
    proof = (
        f"Shopping Queries, the source of {' and '.join(tasks)}, has {splits.words}; Table 3 has validation samples."
    )
    verdict = judged(not tasks or "val" in splits.words)
    return Finding(saying.where, "raw splits of PSI and MPC", "train, val, test", splits.words, verdict, proof)


def _fine_tuned_llms(paper: Paper) -> Finding:
    saying, kinds = paper.sayings["fine_tuned_llms"], paper.sayings["categories_of_baselines"]
    found = _rows_with(paper, "Llama-2")
    n_kinds = len(re.findall(r"\(\d\)", kinds.words))
    proof = f"{len(found)} rows have such a model; section {kinds.where} lists {n_kinds} kinds without it."
    return Finding(
        f"6.1, {saying.where}", "baseline ft-Llama-2-13B", "compared", "in no table", judged(bool(found)), proof
    )


def _zero_shot(paper: Paper) -> Finding:
    saying, found = paper.sayings["zero_shot_promised"], _rows_with(paper, "LLaVA-")
    plain = [name for name in found if not name.startswith("ft-")]
    proof = f"Every system called LLaVA is fine-tuned: {', '.join(found)}."
    recomputed = ", ".join(plain) or "in no table"
    return Finding(
        saying.where, "LLaVA-NExT-Interleave zero-shot", "evaluated", recomputed, judged(bool(plain)), proof
    )


def _rows_with(paper: Paper, word: str) -> list[str]:
    """The systems, of any table, whose name has this word; captioners and judges are no systems."""
    numbers = ("4", "A3", "A6", *BY_TASK.values())
    return sorted({labels[0] for number in numbers for labels in paper.labels(number) if word in labels[0]})


def _gpu_memory(paper: Paper) -> Finding:
    told, holds = [], True
    for size in "lms":
        printed, base = paper.sayings[f"gpu_memory_{size}"], paper.sayings[f"base_size_{size}"]
        billions = float(base.words)
        holds = holds and printed.words.endswith(f"{billions:.0f}B")
        value = printed.words.rpartition(" ")[2]
        told.append(
            f"{value} for {base.where}, {billions:g} B weights or {BYTES_PER_WEIGHT * billions:.1f} GB in bf16"
        )
    where = paper.sayings["gpu_memory_l"].where
    return Finding(where, "GPU memory", "25B, 15B, 7B", "gigabytes of bf16?", judged(holds), "; ".join(told) + ".")


def _shopping_queries(paper: Paper) -> Finding:
    saying, meaning = paper.sayings["shopping_queries_size"], paper.sayings["size_means_samples"]
    queries, judgements = (
        int(paper.sayings[f"esci_{what}"].words.replace(",", "")) for what in ("queries", "judgements")
    )
    printed = saying.words.rpartition(" ")[2]
    thousands = int(printed.removesuffix("K"))
    proof = f"{meaning.words}. The corpus has {queries:,} queries and {judgements:,} judged pairs; a sample is a pair."
    verdict = judged(abs(judgements / 1000 - thousands) < 1)
    return Finding(saying.where, "samples of Shopping Queries", printed, f"{judgements:,}", verdict, proof)


def _address(paper: Paper) -> Finding:
    saying = paper.sayings["amazon_review_address"]
    n, mended = saying.words.count("https://"), f"https://{saying.words.replace('https://', '')}"
    proof = f"https:// stands there {n} times."
    return Finding(saying.where, "an address", saying.words, mended, judged(saying.words == mended), proof)
