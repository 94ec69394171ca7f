"""From a sample and its captions to an example: one path for all tasks; the templates say where a caption stands."""

from collections.abc import Iterator
from dataclasses import dataclass

from caslie.errors import StageError
from caslie.fusion.cutting import Cut, doubt, fit
from caslie.fusion.examples import Example, Problem
from caslie.fusion.reading import Reader
from caslie.schema import Variant
from mmecinstruct.builder.features import CAPTION_COLUMNS
from mmecinstruct.builder.folder import TEXT_COLUMNS, Folder, captioned_of, sample_of
from mmecinstruct.schema import Captioned, Sample
from mmecinstruct.words import Captions, input_text, instruction, options

YES_NO = ("yes", "no")


@dataclass(frozen=True, slots=True)
class Weaver:
    """Makes examples: on the captions that the variant shows, within the budget of tokens."""

    reader: Reader
    variant: Variant
    budget: int

    def weave(self, sample: Sample, config: str, captioned: Captioned | None) -> Example:
        """Make the example of a sample."""
        captions = shown(self.variant, captioned, len(sample.items))
        votes = captioned.votes if captioned else ((),) * len(sample.items)
        problem = _problem(sample)
        cut = fit(sample, captions, [doubt(one) for one in votes], self._fits)
        if cut is None and not problem:
            problem = "too_long"
        left = cut or Cut(sample, captions)
        prompt = self._prompt(left)
        return Example(
            id=sample.id,
            task=sample.task,
            config=config,
            prompt=prompt,
            answer=sample.target,
            answers=answers(sample),
            n_tokens=self.reader.encode(prompt, sample.target).n_tokens,
            n_captions=sum(caption is not None for caption in left.captions),
            cut_history=left.n_history,
            cut_captions=left.n_captions,
            problem=problem,
        )

    def _fits(self, cut: Cut) -> bool:
        return self.reader.encode(self._prompt(cut), cut.sample.target).n_tokens <= self.budget

    def _prompt(self, cut: Cut) -> str:
        lines = options(cut.sample, cut.captions)
        return self.reader.prompt(instruction(cut.sample), input_text(cut.sample, cut.captions), lines)


def fuse_split(folder: Folder, config: str, split: str, weaver: Weaver) -> Iterator[Example]:
    """Yield the example of every row of a split, in order, those with a problem too."""
    sees = weaver.variant != "text"
    columns = (*TEXT_COLUMNS, *CAPTION_COLUMNS) if sees else TEXT_COLUMNS
    for row in folder.rows(config, split, columns):
        yield weaver.weave(sample_of(row, split), config, captioned_of(row) if sees else None)


def refuse_uncaptioned(folder: Folder, variant: Variant, command: str) -> None:
    """Refuse a dataset without the captions that the variant shows.

    Raises:
        StageError: it names the commands that make them.
    """
    if variant != "text" and not folder.captioned:
        raise StageError(
            f"{folder.out}: has no captions; first run `caslie caption {command}` and `caslie judge {command}`,"
            " or leave them out, as `caslie predict --variant text` does"
        )


def shown(variant: Variant, captioned: Captioned | None, n_items: int) -> Captions:
    """The captions that a variant shows: the kept ones, all there are, or none."""
    if captioned is None or variant == "text":
        return [None] * n_items
    keeps = captioned.kept if variant == "caslie" else (True,) * n_items
    return [caption if keep else None for caption, keep in zip(captioned.captions, keeps, strict=True)]


def answers(sample: Sample) -> tuple[str, ...]:
    """The answers that a sample allows: the letters of its options, or yes and no."""
    return tuple(line.partition(":")[0] for line in sample.options) or YES_NO


def _problem(sample: Sample) -> Problem:
    if sample.target not in answers(sample):
        return "label_outside_options"
    fields = [str(value) for name, value in sample.fields.items() if name != "choices" and value]
    said = [*fields, *(item.title for item in sample.items)]
    return "" if any(text.strip() for text in said) else "empty"
