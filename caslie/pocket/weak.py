"""Judges that are weak on purpose, each in its own way, to see when a majority beats the best of them (paper, C.2).

They learn as the good judges do, but each is smaller and is taught the contrary about captions of some kinds of thing:
a blind spot, which it learns as willingly as the truth. In `WEAK` no two judges share a kind, so they are wrong at
different captions; in `ALIKE` all five have the blind spot of the first, and so are wrong at the same ones. Nothing
else differs but the worlds they learn from. Labels flipped by lot would not do: a model averages them away.
"""

from dataclasses import replace

from caslie.pocket.hearing import Hearing
from caslie.pocket.judge_course import Answer
from caslie.pocket.judge_families import Size
from caslie.pocket.judges import JUDGES, Family

BLIND_SPOTS = (("hammer", "tent"), ("key", "ball"), ("lamp", "boat"), ("lock", "bottle"), ("mug", "kite"))
SMALL = Size(width=64)
N_STEPS = 1000
SEED = 100  # its worlds are none of the good judges'


def contrary(kinds: tuple[str, ...]) -> Answer:
    """Return the answers of a judge that says the contrary wherever the picture shows one of these kinds."""

    def answer(heard: Hearing) -> bool:
        is_blind = not heard.picture.blurred and heard.picture.look.kind in kinds
        return heard.useful is not is_blind

    return answer


def _weaken(family: Family, seed: int, kinds: tuple[str, ...]) -> Family:
    return replace(family, seed=seed, n_steps=N_STEPS, size=SMALL, answer=contrary(kinds))


WEAK: tuple[Family, ...] = tuple(
    _weaken(family, SEED + number, kinds)
    for number, (family, kinds) in enumerate(zip(JUDGES, BLIND_SPOTS, strict=False))
)
ALIKE: tuple[Family, ...] = (
    WEAK[0],
    *(
        _weaken(family, SEED + len(WEAK) + number, BLIND_SPOTS[0])
        for number, family in enumerate(JUDGES[1 : len(WEAK)])
    ),
)
