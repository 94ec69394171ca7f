"""One sample for the whole session, and a plain reader of it that knows nothing of the code that wrote it."""

import gzip
import json
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from mmecinstruct.sample import write_sample

KEYS = {"amazonqa": "qid", "mave": "id", "amazon_reviews_2018": "asin"}


class Reader:
    def __init__(self, root: Path) -> None:
        self.root = root
        self.summary = json.loads((root / "sample.json").read_text())
        self.truths = [json.loads(line) for line in (root / "truth.jsonl").read_text().splitlines()]

    def key_of(self, name: str) -> str:
        folder, _, file = name.partition("/")
        return KEYS.get(folder) or ("parent_asin" if file.startswith("meta_") else "user_id")

    def lines(self, name: str) -> list[bytes]:
        data = (self.root / name).read_bytes()
        data = gzip.decompress(data) if name.endswith(".gz") else data
        return data.removesuffix(b"\n").split(b"\n")

    def read(self, name: str) -> Iterator[tuple[dict[str, Any], str]]:
        """Yield each line as a row and a reason to drop it."""
        seen: set[bytes] = set()
        for line in self.lines(name):
            row, reason = self._judge(line, self.key_of(name))
            yield row, reason or ("duplicate_line" if line in seen else "")
            seen.add(line)

    def _judge(self, line: bytes, key: str) -> tuple[dict[str, Any], str]:
        if not line:
            return {}, "blank_line"
        try:
            row = json.loads(line.decode())
        except UnicodeDecodeError:
            return {}, "invalid_utf8"
        except json.JSONDecodeError:
            return {}, "malformed_json"
        return row, "" if key in row else "no_key"

    def rows(self, *names: str) -> list[dict[str, Any]]:
        return [row for name in names for row, reason in self.read(name) if not reason]

    def reasons(self, name: str) -> Counter[str]:
        return Counter(reason for _, reason in self.read(name) if reason)

    def of(self, task: str, evidence: str = "") -> list[dict[str, Any]]:
        return [truth for truth in self.truths if truth["task"] == task and evidence in ("", truth["evidence"])]

    def metadata(self) -> dict[str, dict[str, Any]]:
        """Return every listing by ASIN, 2023 before 2018."""
        old = self.rows(*self.names("amazon_reviews_2018", "meta_*"))
        new = self.rows(*self.names("amazon_reviews_2023", "meta_*"))
        return {row["asin"]: row for row in old} | {row["parent_asin"]: row for row in new}

    def names(self, folder: str, pattern: str) -> list[str]:
        return sorted(f"{folder}/{path.name}" for path in (self.root / folder).glob(pattern))

    def reviews(self) -> list[dict[str, Any]]:
        return self.rows(*self.names("amazon_reviews_2023", "[!m]*.jsonl"))


@pytest.fixture(scope="session")
def sample(tmp_path_factory: pytest.TempPathFactory) -> Reader:
    root = tmp_path_factory.mktemp("sample") / "corpora"
    write_sample(root)
    return Reader(root)
