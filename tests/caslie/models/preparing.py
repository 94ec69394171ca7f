"""What stands before a push: two bases on a Hub, and an adapter for each in a folder of runs."""

import sys
from pathlib import Path

from huggingface_hub import HfApi

from tests.caslie.models import tiny

LLAMA, MISTRAL = "alice/Llama-3.2-tiny", "alice/caslie-pocket-base"


def main(runs: Path) -> None:
    """Push the bases, write the adapters, and let one base move on."""
    for base, model, name in ((LLAMA, tiny.llama(), "caslie-pocket-s"), (MISTRAL, tiny.mistral(), "caslie-pocket-m")):
        model.push_to_hub(base)
        tiny.tokenizer().push_to_hub(base)
        tiny.write_adapter(runs / name, base, HfApi().model_info(base).sha)
    tiny.lora(tiny.mistral()).merge_and_unload().push_to_hub(MISTRAL)


if __name__ == "__main__":
    main(Path(sys.argv[1]))
