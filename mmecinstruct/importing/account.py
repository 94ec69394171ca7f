"""What became of the rows of a release: drops by reason, rows whose words we did not change, the authors' captions."""

import json
from collections import Counter
from pathlib import Path
from typing import Any, Self

from mmecinstruct import words
from mmecinstruct.importing.rows import Told
from mmecinstruct.importing.staging import Place
from mmecinstruct.schema import Sample

CAPTIONS = "authors_captions.jsonl"


class Account:
    """Counts, and the file of ready-made captions beside the data."""

    def __init__(self, out: Path) -> None:
        self._dropped: dict[str, dict[str, Counter[str]]] = {}
        self._same: dict[str, Counter[str]] = {}
        self._captions: Counter[str] = Counter()
        self._path = out / CAPTIONS
        self._file = self._path.open("w", encoding="utf-8")

    def drop(self, place: Place, reason: str) -> None:
        """Count a row that does not become a sample."""
        self._dropped.setdefault(place.config, {}).setdefault(place.split, Counter())[reason] += 1

    def keep(self, place: Place, sample: Sample, told: Told, input_text: str) -> None:
        """Count a row that does, and set its captions aside."""
        same = {
            "rows": True,
            "same_instruction": words.instruction(sample) == told.instruction.strip(),
            "same_input": json.loads(input_text) == told.input,
            "same_options": sample.options == told.options,
        }
        same["same_words"] = same["same_input"] and same["same_options"]
        self._same.setdefault(place.config, Counter()).update({name: int(holds) for name, holds in same.items()})
        if told.captions is None or len(told.captions) not in (0, len(sample.items)):
            self._captions["left_out"] += 1
        elif told.captions:
            self._captions["rows"] += 1
            # ASCII: the captions are not checked, and may hold what UTF-8 cannot.
            self._file.write(json.dumps({"id": sample.id, "captions": told.captions}) + "\n")

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        """Close the file of captions; without captions there is none."""
        self._file.close()
        if not self._captions["rows"]:
            self._path.unlink()

    def drops(self) -> dict[str, dict[str, dict[str, int]]]:
        """Rows left out, by config, split and reason."""
        return {
            config: {split: dict(sorted(counts.items())) for split, counts in splits.items()}
            for config, splits in self._dropped.items()
        }

    def counts(self) -> Counter[str]:
        """The same by reason alone."""
        return sum((counts for splits in self._dropped.values() for counts in splits.values()), Counter())

    def about(self) -> dict[str, Any]:
        """How the rows compare with the release, for the manifest."""
        rows, left_out = self._captions["rows"], self._captions["left_out"]
        captions = {"file": CAPTIONS if rows else "", "rows": rows, "left_out": left_out}
        return {"words": {config: dict(counts) for config, counts in self._same.items()}, "captions": captions}
