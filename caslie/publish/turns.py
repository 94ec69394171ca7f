"""In which order artifacts are released: an adapter waits for its dataset, whose commit it must name."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from caslie.publish.artifact import Artifact
from caslie.publish.model import AdapterFolder
from caslie.publish.plan import Plan, Wanted, make_plan
from caslie.publish.remote import Remote

if TYPE_CHECKING:
    from huggingface_hub import HfApi


@dataclass(frozen=True, slots=True)
class Turn:
    """An artifact, its repository, and what would be done."""

    artifact: Artifact
    remote: Remote
    plan: Plan


@dataclass(frozen=True, slots=True)
class Waiting:
    """An adapter whose card will name a commit that is still to be made, in the repository `follows`."""

    artifact: AdapterFolder
    remote: Remote
    follows: str

    def turn(self, commit: str, wanted: Wanted) -> Turn:
        """Plan it, now that its dataset is released at a commit."""
        self.artifact.dataset = f"{self.follows}@{commit}"
        return Turn(self.artifact, self.remote, make_plan(self.artifact, self.remote, wanted))


def plan_all(found: Iterable[tuple[str, Artifact]], api: "HfApi", wanted: Wanted) -> tuple[list[Turn], list[Waiting]]:
    """Plan artifacts, datasets first; those adapters wait whose dataset the Hub does not have as it is here.

    Raises:
        PushError: the Hub would refuse one of them.
    """
    turns, waiting, released = list[Turn](), list[Waiting](), dict[str, str]()
    for repository, artifact in found:
        remote = Remote(api, repository, artifact.repo_type)
        if isinstance(artifact, AdapterFolder) and artifact.follows:
            one = Waiting(artifact, remote, artifact.follows)
            if artifact.follows not in released:
                waiting.append(one)
                continue
            turn = one.turn(released[artifact.follows], wanted)
        else:
            turn = Turn(artifact, remote, make_plan(artifact, remote, wanted))
        if turn.plan.nothing_to_send and turn.plan.base:
            released[repository] = turn.plan.base
        turns.append(turn)
    return turns, waiting


def plan_waiting(waiting: Sequence[Waiting], commits: dict[str, str], wanted: Wanted) -> Iterator[Turn]:
    """Plan those that waited; `commits` are those of the releases by repository."""
    return (one.turn(commits[one.follows], wanted) for one in waiting)
