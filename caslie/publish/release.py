"""A release: sent to a staging branch, loaded back and compared, then made the target in one commit, and tagged.

At every moment the target is the old release or the new one. A push that is killed is finished by the next: the
staging branch is named by the content, and what is on it is not sent again.
"""

import re
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from http import HTTPStatus

from caslie.errors import PushError
from caslie.publish.artifact import Artifact, Published
from caslie.publish.patience import patiently
from caslie.publish.plan import KEPT_BY_THE_HUB, Plan, Wanted
from caslie.publish.remote import Remote

GROUP_BYTES = 256 << 20  # a commit on the staging branch holds about so much: what a kill may cost
GROUP_FILES = 100
STAGING = re.compile(r"staging-[0-9a-f]{12}")
NUMBERED = re.compile(r"r(\d+)")

Progress = Callable[[str, int, int], None]


class GoneError(PushError):
    """A branch went away during the push."""


@dataclass(frozen=True, slots=True)
class Released:
    """What was done; `tag` is None for a pull request, whose page is `page`."""

    page: str
    commit: str
    tag: str | None
    sent: int
    compared: str


def release(artifact: Artifact, remote: Remote, plan: Plan, wanted: Wanted, progress: Progress) -> Released:
    """Make the planned release.

    Raises:
        PushError: what was loaded back differs, or the branch has moved since the plan was made. The target is then
            as it was.
    """
    if plan.nothing_to_send and plan.base:
        return _nothing_sent(remote, plan, wanted)
    if wanted.create_pr:
        return _propose(artifact, remote, plan, wanted, progress)
    return _publish(artifact, remote, plan, wanted, progress)


def _publish(artifact: Artifact, remote: Remote, plan: Plan, wanted: Wanted, progress: Progress) -> Released:
    from huggingface_hub.errors import RevisionNotFoundError

    remote.create(artifact.space_sdk)
    base = _branch_head(remote, plan)
    staging, changed = f"staging-{plan.content}", plan.paths("new", "changed")
    try:
        remote.create_branch(staging, base)
        staged = _stage(artifact, remote, staging, plan)
    except (RevisionNotFoundError, GoneError) as error:
        # Another push has finished, and took the staging branches away.
        now = _head(remote, plan.branch)
        if _is_there(remote, now, plan):
            return Released(remote.page, now, _tag(remote, now, wanted), 0, "another push of the same came first")
        if now != base:
            raise _moved(plan, f"has moved to {now[:7]}") from error
        raise
    published = Published(remote.repository, staged, frozenset(changed))
    compared = patiently(lambda: artifact.load_back(published, progress))
    commit = _promote(remote, plan, base, staged, _message(plan, wanted))
    tag = _tag(remote, commit, wanted)
    _tidy(remote, wanted)
    return Released(remote.page, commit, tag, len(changed), compared)


def _propose(artifact: Artifact, remote: Remote, plan: Plan, wanted: Wanted, progress: Progress) -> Released:
    """Stage in the draft of a pull request, which becomes open once it was loaded back and compared."""
    title = f"{_message(plan, wanted)} ({plan.content})"
    reference = remote.pull_request(title, "Made by caslie-push.")
    staged = _stage(artifact, remote, reference, plan)
    if removed := [path for path in plan.paths("removed") if path in remote.files(staged)]:
        remote.remove(removed, reference, "Take away what the release has no more")
        staged = _head(remote, reference)
    changed = plan.paths("new", "changed")
    compared = artifact.load_back(Published(remote.repository, staged, frozenset(changed)), progress)
    return Released(remote.open_for_review(reference), staged, None, len(changed), compared)


def _nothing_sent(remote: Remote, plan: Plan, wanted: Wanted) -> Released:
    """Finish what a killed push may have left after its last commit: the tag, the staging branch, the visibility."""
    said = "the Hub has this release already; nothing was sent"
    commit = _branch_head(remote, plan)
    if wanted.create_pr:
        return Released(remote.page, commit, None, 0, said)
    tag = _tag(remote, commit, wanted)
    _tidy(remote, wanted)
    return Released(remote.page, commit, tag, 0, said)


def _tidy(remote: Remote, wanted: Wanted) -> None:
    """Take away all that is staged, and only then let everybody in.

    Another push that is still staging is too late anyhow, and what an earlier one left is for nobody to see.
    """
    for name in remote.branches():
        if STAGING.fullmatch(name):
            remote.delete_branch(name)
    if wanted.public and remote.is_private():
        remote.make_public()


def _branch_head(remote: Remote, plan: Plan) -> str:
    """Where the target is planned to be; the repository and the branch are made where they are not there yet."""
    base = plan.base or _first_commit(remote, plan)
    if plan.new_branch:
        remote.create_branch(plan.branch, base)
    return base


def _first_commit(remote: Remote, plan: Plan) -> str:
    commit = _head(remote, "main")
    if set(remote.files(commit)) - {KEPT_BY_THE_HUB}:
        raise _moved(plan, f"was made by another push and is at {commit[:7]}")
    return commit


def _head(remote: Remote, revision: str) -> str:
    commit = remote.head(revision)
    if commit is None:
        raise GoneError(f"{remote.repository}: {revision} is gone; another push may have finished; run this one again")
    return commit


def _stage(artifact: Artifact, remote: Remote, staging: str, plan: Plan) -> str:
    """Send what the staging branch lacks, and make sure that all is there; its commit."""
    contents = artifact.files()
    for group in _groups(plan, _lacking(remote, staging, plan)):
        remote.upload({path: contents[path] for path in group}, staging, f"Stage {plan.content}: {len(group)} files")
    commit = _head(remote, staging)
    if lacking := _lacking(remote, commit, plan):
        raise PushError(f"{lacking[0]} changed while it was sent; run the push again once nothing writes it")
    return commit


def _lacking(remote: Remote, revision: str, plan: Plan) -> list[str]:
    there = remote.files(revision)
    return [path for path, one in plan.digests.items() if path not in there or not there[path].holds(one)]


def _is_there(remote: Remote, revision: str, plan: Plan) -> bool:
    """Tell whether a commit is the planned release."""
    return not _lacking(remote, revision, plan) and not set(plan.paths("removed")) & set(remote.files(revision))


def _groups(plan: Plan, paths: list[str]) -> Iterator[list[str]]:
    group: list[str] = []
    weight = 0
    for path in paths:
        weight += plan.digests[path].size
        group.append(path)
        if weight >= GROUP_BYTES or len(group) >= GROUP_FILES:
            yield group
            group, weight = [], 0
    if group:
        yield group


def _promote(remote: Remote, plan: Plan, base: str, staged: str, message: str) -> str:
    """Make the target the release, in one commit on the commit that was planned on."""
    from huggingface_hub.errors import HfHubHTTPError

    changed, removed = plan.paths("new", "changed"), plan.paths("removed")

    def attempt() -> str:
        try:
            return remote.promote(changed, removed, staged, plan.branch, base, message)
        except HfHubHTTPError as error:
            if error.response.status_code != HTTPStatus.PRECONDITION_FAILED:
                raise
            now = _head(remote, plan.branch)
            if now == base:  # another commit was under way and came to nothing
                raise
        # The answer to our own commit may have been lost on the way, or another push of the same came first.
        if _is_there(remote, now, plan):
            return now
        raise _moved(plan, f"has moved to {now[:7]}")

    return patiently(attempt)


def _moved(plan: Plan, how: str) -> PushError:
    planned = f" on {plan.base[:7]}" if plan.base else ""
    return PushError(
        f"{plan.branch} of {plan.repository} {how} since the plan was made{planned}, and was left as it is; run the"
        " push again to see what it would change now"
    )


def _tag(remote: Remote, commit: str, wanted: Wanted) -> str:
    """Name the release: as asked, as it is named already, or by the next number."""
    from huggingface_hub.errors import HfHubHTTPError

    tags = remote.tags()
    named = [name for name, at in tags.items() if at == commit]
    if wanted.tag is None and named:
        return named[0]
    name = wanted.tag or _next_number(tags)
    if name not in named:
        try:
            remote.tag(name, commit)
        except HfHubHTTPError as error:
            raise PushError(f"{remote.repository} is released at {commit[:7]}, but not tagged: {error}") from error
    # The client takes a refusal for a tag that is there already.
    at = remote.tags().get(name)
    if at == commit:
        return name
    if at and wanted.tag is None:  # another push took the number
        return _tag(remote, commit, wanted)
    why = f"another push gave the tag {name} to {at[:7]}" if at else f"the Hub did not take the tag {name}"
    raise PushError(f"{remote.repository} is released at {commit[:7]}, but {why}; push again with another --tag")


def _next_number(tags: Iterable[str]) -> str:
    numbers = [int(found[1]) for name in tags if (found := NUMBERED.fullmatch(name))]
    return f"r{max(numbers, default=0) + 1}"


def _message(plan: Plan, wanted: Wanted) -> str:
    return wanted.message or f"Release {plan.content}"
