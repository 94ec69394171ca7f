"""Captioning and judging against one question at a time, as the authors' code asks; and what is not asked at all.

    python benchmarks/stages.py

The models are the pocket models of the package, on one thread: the ratios tell what batching, scoring and keeping
answers give on this machine, nothing about models of another size. Both sides get the same questions and load the same
weights; loading is not counted. "One at a time" is what a user of transformers would write: the processor, `generate`
and `decode` for one prompt. Votes and captions of both sides are compared, and the share that is equal is told.
"""

import time
from pathlib import Path
from typing import Any

from measuring import Bench, Line, check, main
from measuring.questions import N_CAPTIONS, N_VOTES, looks, models, opinions, recipe

TOKENS = 32
N_TINY, TINY_TOKENS = 128, 64  # a caption of the paper has about 58 words
SCALES = ("1", "10")


def write(folder: Path, scale: str) -> dict[str, Any]:
    """Write the sample corpora and build them."""
    from dataclasses import replace

    from mmecinstruct import builder
    from mmecinstruct.config import Sizes, load_recipe
    from mmecinstruct.sample import write_sample

    write_sample(folder / f"sources-{scale}", scale=int(scale), workers=2)
    recipe = replace(load_recipe("sample"), sizes=Sizes(*[1_000_000] * 4))
    builder.build(recipe, builder.Request(folder / f"sources-{scale}", folder / f"build-{scale}", workers=2))
    return {}


def caption_batched(folder: Path) -> dict[str, Any]:
    """Caption as the stage does."""
    from caslie.asking import Wish, batches
    from caslie.backends import Model, find

    asked = [(Wish(str(n).encode(), text), picture) for n, (text, picture) in enumerate(looks(folder))]
    pictures = {wish.key: picture for wish, picture in asked}
    with find(Model("pocket/captioner")).open() as backend:
        questions = [Wish(wish.key, wish.text, lambda key=wish.key: pictures[key]) for wish, _ in asked]
        backend.write([questions[0].question()], TOKENS)
        began, said = time.perf_counter(), {}
        for batch in batches(questions, backend):
            for wish, reply in zip(batch, backend.write([one.question() for one in batch], TOKENS), strict=True):
                said[wish.key.decode()] = reply.text
        return {"seconds": time.perf_counter() - began, "said": said}


def caption_one(folder: Path) -> dict[str, Any]:
    """Caption one picture at a time."""
    import io

    import torch
    from PIL import Image
    from transformers import AutoModelForImageTextToText, AutoProcessor

    torch.set_num_threads(1)
    where = models() / "captioner"
    processor = AutoProcessor.from_pretrained(where)
    model = AutoModelForImageTextToText.from_pretrained(where, dtype=torch.float32).eval()
    asked, said = list(looks(folder)), {}
    began = time.perf_counter()
    for n, (text, picture) in enumerate(asked):
        content = [{"type": "image"}, {"type": "text", "text": text}]
        prompt = processor.apply_chat_template([{"role": "user", "content": content}], add_generation_prompt=True)
        image = Image.open(io.BytesIO(picture)).convert("RGB")
        inputs = processor(images=image, text=prompt, return_tensors="pt")
        written = model.generate(**inputs, max_new_tokens=TOKENS, do_sample=False)
        new = written[:, inputs["input_ids"].shape[1] :]
        said[str(n)] = processor.batch_decode(new, skip_special_tokens=True)[0].strip()
    return {"seconds": time.perf_counter() - began, "said": said}


def score_batched(folder: Path) -> dict[str, Any]:
    """Weigh yes against no as the stage does; the best of three times, since it takes half a second."""
    from caslie.asking import Wish, batches
    from caslie.backends import Model, find

    wishes = [Wish(str(n).encode(), text) for n, text in enumerate(opinions())]
    times, votes = [], {}
    with find(Model("pocket/judges/llama")).open() as backend:
        backend.weigh([wishes[0].question()])
        for _ in range(3):
            began = time.perf_counter()
            for batch in batches(wishes, backend):
                for wish, weight in zip(batch, backend.weigh([one.question() for one in batch]), strict=True):
                    votes[wish.key.decode()] = weight is not None and weight.yes > weight.no
            times.append(time.perf_counter() - began)
    return {"seconds": min(times), "votes": votes}


def generate_one(folder: Path, n_tokens: str) -> dict[str, Any]:
    """Let the judge write, one prompt at a time; of 16 tokens all are written, as the authors' code has it."""
    import torch
    from transformers import AutoModelForCausalLM, AutoTokenizer

    torch.set_num_threads(1)
    where = models() / "judges" / "llama"
    tokenizer = AutoTokenizer.from_pretrained(where)
    model = AutoModelForCausalLM.from_pretrained(where, dtype=torch.float32).eval()
    forced = {"min_new_tokens": 16} if n_tokens == "16" else {}
    asked, votes = opinions(), {}
    began = time.perf_counter()
    for n, text in enumerate(asked):
        chat = [{"role": "user", "content": text}]
        date = {"date_string": "26 Jul 2024"}
        inputs = tokenizer.apply_chat_template(chat, add_generation_prompt=True, return_tensors="pt", **date)
        written = model.generate(**inputs, max_new_tokens=int(n_tokens), do_sample=False, **forced)
        new = written[0, inputs["input_ids"].shape[1] :]
        votes[str(n)] = tokenizer.decode(new, skip_special_tokens=True).strip().lower().startswith("yes")
    return {"seconds": time.perf_counter() - began, "votes": votes}


def stages(folder: Path, scale: str, early: str) -> dict[str, Any]:
    """Run both stages from nothing to the written dataset."""
    from dataclasses import replace

    from caslie.stages import caption_all, judge_all

    cooked = replace(recipe(folder, scale), run=str(folder / f"run-{scale}-{early}"), early_stop=early == "early")

    def silent(what: str, done: int, total: int) -> None:
        """Tell nobody."""

    captioned = caption_all(cooked, silent).asked["captioner"]
    judged = judge_all(cooked, cooked.run_dir / "dataset", silent).asked
    return {
        "wishes": captioned.wishes,
        "captions": captioned.calls,
        "caption_seconds": captioned.seconds,
        "votes": sum(one.calls for one in judged.values()),
        "vote_seconds": sum(one.seconds for one in judged.values()),
    }


def duplicates(folder: Path) -> dict[str, Any]:
    """Count the questions about SR's pictures, and the distinct ones among them."""
    from caslie.datasets import open_dataset
    from caslie.walking import samples
    from mmecinstruct.words import caption_prompt

    asked = [
        (item.picture, caption_prompt(sample, index))
        for place, sample in samples(open_dataset(recipe(folder, "1").dataset))
        if place.config.startswith("sr_")
        for index, item in enumerate(sample.items)
    ]
    return {"items": len(asked), "distinct": len(set(asked))}


def draw(folder: Path) -> dict[str, Any]:
    """Draw a tiny model of each of the paper's captioners: 0.3 million random weights."""
    from caslie.pocket import shapes
    from caslie.pocket.tokens import LLAMA_3_VISION, LLAVA, LLAVA_NEXT, train_tokenizer

    texts = [text for text, _ in looks(folder)]
    speeches = {"mllama": LLAMA_3_VISION, "llava": LLAVA, "llava_next": LLAVA_NEXT, "blip2": LLAVA}
    for family, speech in speeches.items():
        model, processor = getattr(shapes, family)(train_tokenizer(texts, speech, vocabulary=600), seed=1)
        model.save_pretrained(folder / family)
        processor.save_pretrained(folder / family)
    return {}


def tiny_batched(folder: Path, family: str) -> dict[str, Any]:
    """Let a tiny captioner write as the stage does."""
    from caslie.backends import Model, Question, find

    asked = [Question("" if family == "blip2" else text, picture) for text, picture in looks(folder)][:N_TINY]
    with find(Model(f"transformers/{folder / family}")).open() as backend:
        backend.write(asked[:1], TINY_TOKENS)
        size = min(backend.batch_size(max(len(one.text) for one in asked)), 64)
        began = time.perf_counter()
        replies = [reply for n in range(0, N_TINY, size) for reply in backend.write(asked[n : n + size], TINY_TOKENS)]
        return {"seconds": time.perf_counter() - began, "said": [reply.text for reply in replies]}


def tiny_one(folder: Path, family: str) -> dict[str, Any]:
    """Let a tiny captioner write for one picture at a time."""
    import io

    import torch
    from PIL import Image
    from transformers import AutoModelForImageTextToText, AutoProcessor

    torch.set_num_threads(1)
    processor = AutoProcessor.from_pretrained(folder / family)
    model = AutoModelForImageTextToText.from_pretrained(folder / family, dtype=torch.float32).eval()
    asked, said = list(looks(folder))[:N_TINY], []
    began = time.perf_counter()
    for text, picture in asked:
        image = Image.open(io.BytesIO(picture)).convert("RGB")
        if family == "blip2":
            inputs = processor(images=image, text="", return_tensors="pt")
        else:
            chat = [{"role": "user", "content": [{"type": "image"}, {"type": "text", "text": text}]}]
            prompt = processor.apply_chat_template(chat, add_generation_prompt=True, date_string="26 Jul 2024")
            how = {"text_kwargs": {"add_special_tokens": False}} if family == "mllama" else {}
            inputs = processor(images=image, text=prompt, return_tensors="pt", **how)
        inputs.pop("token_type_ids", None)
        written = model.generate(**inputs, max_new_tokens=TINY_TOKENS, do_sample=False)
        new = written[:, inputs["input_ids"].shape[1] :] if "input_ids" in inputs else written
        said.append(" ".join(processor.batch_decode(new, skip_special_tokens=True)[0].split()))
    return {"seconds": time.perf_counter() - began, "said": said}


def compare(bench: Bench) -> list[Line]:
    """Compare the sides."""
    for scale in SCALES:
        bench.run("write", scale)
    return [*captions(bench), *votes(bench), *whole(bench)]


def captions(bench: Bench) -> list[Line]:
    """Captioning."""
    ours, one = bench.run("caption_batched").found, bench.run("caption_one").found
    same = sum(ours["said"][key] == text for key, text in one["said"].items())
    rates = [N_CAPTIONS / side["seconds"] for side in (ours, one)]
    what = f"captions of the pocket captioner, batched; one at a time ({same} of {N_CAPTIONS} equal)"
    sr = bench.run("duplicates").found
    return [
        *tiny(bench),
        Line(what, "captions/s", *rates, rates[0] / rates[1], ">= 5"),
        Line("SR's pictured items; calls", "", sr["items"], sr["distinct"], sr["items"] / sr["distinct"], ">= 4"),
    ]


def tiny(bench: Bench) -> list[Line]:
    """The paper's four captioners, drawn tiny."""
    bench.run("draw")
    lines = []
    for family in ("mllama", "llava", "llava_next", "blip2"):
        ours, one = bench.run("tiny_batched", family).found, bench.run("tiny_one", family).found
        same = sum(a == b for a, b in zip(ours["said"], one["said"], strict=True))
        rates = [N_TINY / side["seconds"] for side in (ours, one)]
        what = f"captions of a tiny random {family}, batched; one at a time ({same} of {N_TINY} equal)"
        lines.append(Line(what, "captions/s", *rates, rates[0] / rates[1], ">= 5"))
    return lines


def votes(bench: Bench) -> list[Line]:
    """One judge."""
    ours = bench.run("score_batched").found
    lines = []
    for n_tokens, aim in (("16", ">= 20"), ("3", ">= 4")):
        theirs = bench.run("generate_one", n_tokens).found
        same = sum(ours["votes"][key] == vote for key, vote in theirs["votes"].items())
        rates = [N_VOTES / side["seconds"] for side in (ours, theirs)]
        what = f"votes, scored; written with {n_tokens} tokens, one at a time ({same} of {N_VOTES} equal)"
        lines.append(Line(what, "votes/s", *rates, rates[0] / rates[1], aim))
    return lines


def whole(bench: Bench) -> list[Line]:
    """Both stages."""
    early, every = bench.run("stages", "1", "early"), bench.run("stages", "1", "every")
    check(early.found["captions"] == every.found["captions"], "both runs caption the same pictures")
    many = bench.run("stages", "10", "early")
    a, b = every.found, early.found
    items = f"{many.found['wishes']:,} items; {early.found['wishes']:,} items"
    return [
        Line("five votes; until the majority is certain", "calls", a["votes"], b["votes"], a["votes"] / b["votes"]),
        Line(
            "the same, time of the judges",
            "s",
            a["vote_seconds"],
            b["vote_seconds"],
            a["vote_seconds"] / b["vote_seconds"],
            ">= 1.3",
        ),
        Line(
            f"peak memory of both stages: {items}",
            "MB",
            many.peak_mb,
            early.peak_mb,
            many.peak_mb / early.peak_mb,
            "<= 1.2",
        ),
        Line(f"time of both stages: {items}", "s", many.seconds, early.seconds, many.seconds / early.seconds),
    ]


SIDES = {
    "write": write,
    "caption_batched": caption_batched,
    "caption_one": caption_one,
    "score_batched": score_batched,
    "generate_one": generate_one,
    "stages": stages,
    "duplicates": duplicates,
    "draw": draw,
    "tiny_batched": tiny_batched,
    "tiny_one": tiny_one,
}

if __name__ == "__main__":
    main("captioning and judging", SIDES, compare)
