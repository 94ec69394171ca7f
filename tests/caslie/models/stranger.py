"""What a stranger gets who runs the first example of an adapter's card as it stands; printed as JSON."""

import json
import sys
from contextlib import redirect_stdout

from tests.caslie.models.loading import run, snippets_of


def main(repository: str) -> None:
    """Run it, and tell the prompt, its tokens and the answer."""
    with redirect_stdout(sys.stderr):
        left = run(next(snippets_of(repository)))
        ids = left["tokens"]["input_ids"][0].tolist()
        answer = left["tokenizer"].decode(left["answer"][len(ids) :], skip_special_tokens=True)
    print(json.dumps({"prompt": left["prompt"], "ids": ids, "answer": answer}))  # noqa: T201


if __name__ == "__main__":
    main(sys.argv[1])
