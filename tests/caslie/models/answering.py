"""Whether an adapter of a Hub, loaded or merged as everybody does, says what the run and its base say; as JSON."""

import json
import sys
from contextlib import redirect_stdout
from pathlib import Path

from peft import AutoPeftModelForCausalLM, PeftModel
from transformers import AutoModelForCausalLM

from caslie.training.merging import LIMIT, merge
from tests.caslie.models import tiny


def main(repository: str, base: Path, adapter: Path, out: Path) -> None:
    """Load both and compare; merge the one that is here with the base of the Hub."""
    with redirect_stdout(sys.stderr):
        here = PeftModel.from_pretrained(AutoModelForCausalLM.from_pretrained(base), str(adapter))
        there = AutoPeftModelForCausalLM.from_pretrained(repository)
        whole = merge(adapter, out, base=None, dtype="float32", progress=lambda *_: None)
        found = {
            "same": tiny.same(here, there),
            "revision": there.peft_config["default"].revision,
            "merged with": whole.base,
            "proved": max(whole.merged, whole.reloaded) <= LIMIT,
        }
    print(json.dumps(found))  # noqa: T201


if __name__ == "__main__":
    main(sys.argv[1], Path(sys.argv[2]), Path(sys.argv[3]), Path(sys.argv[4]))
