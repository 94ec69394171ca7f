"""One repository on a Hub, as a release needs it: what is there, and the few ways in which it is changed."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any

from caslie.errors import PushError
from caslie.publish.artifact import Content, Digest, RepoType
from caslie.publish.patience import patiently

if TYPE_CHECKING:
    from huggingface_hub import HfApi

TYPES: tuple[RepoType, ...] = ("dataset", "model", "space")


@dataclass(frozen=True, slots=True)
class RemoteFile:
    """A file as the Hub lists it; `sha256` is known of LFS files, `git` of the others."""

    size: int
    sha256: str | None
    git: str

    def holds(self, content: Digest) -> bool:
        """Tell whether this is that content."""
        return self.sha256 == content.sha256 if self.sha256 else self.git == content.git


class Remote:
    """A repository by its name, through a client that has a Hub's address and a token."""

    def __init__(self, api: "HfApi", repository: str, repo_type: RepoType) -> None:
        self.api = api
        self.repository = repository
        self.repo_type = repo_type
        self._where: dict[str, Any] = {"repo_id": repository, "repo_type": repo_type}

    @property
    def endpoint(self) -> str:
        """The Hub's address."""
        endpoint: str = self.api.endpoint
        return endpoint

    @property
    def page(self) -> str:
        """The repository's address for people."""
        kind = "" if self.repo_type == "model" else f"{self.repo_type}s/"
        return f"{self.endpoint}/{kind}{self.repository}"

    @cached_property
    def user(self) -> str:
        """Whose the token is. Asked first of all and once, so that an absent Hub is told in seconds."""
        name: str = self._whoami["name"]
        return name

    @cached_property
    def _whoami(self) -> dict[str, Any]:
        found: dict[str, Any] = self.api.whoami()
        return found

    def check_rights(self, only_pull_request: bool) -> None:
        """Refuse what the Hub would refuse, before anything is sent."""
        token = self._whoami.get("auth", {}).get("accessToken", {})
        if token.get("role") == "read":
            raise PushError(f"the token of {self.user} may only read: publishing needs one with the role `write`")
        at_home = [self.user, *(org["name"] for org in self._whoami.get("orgs", []))]
        namespace = self.repository.partition("/")[0]
        if namespace not in at_home and not only_pull_request:
            raise PushError(
                f"{self.user} has no rights in {namespace}: publish to {' or '.join(at_home)}, or propose it with"
                " --create-pr"
            )

    def check_type(self) -> None:
        """Refuse a name under which another kind of repository stands."""
        if self.exists():
            return
        for other in TYPES:
            if other != self.repo_type and self.api.repo_exists(self.repository, repo_type=other):
                raise PushError(
                    f"{self.repository} is a {other} on {self.endpoint}: give the {self.repo_type} another name"
                )

    def exists(self) -> bool:
        """Tell whether the repository is there for this user."""
        found: bool = patiently(lambda: self.api.repo_exists(**self._where))
        return found

    def is_private(self) -> bool:
        """Tell whether only its owners see it."""
        return bool(patiently(lambda: self.api.repo_info(**self._where)).private)

    def head(self, revision: str) -> str | None:
        """The commit of a branch, tag or pull request; None where there is none."""
        from huggingface_hub.errors import RevisionNotFoundError

        try:
            return patiently(lambda: self.api.repo_info(**self._where, revision=revision)).sha
        except RevisionNotFoundError:
            return None

    def files(self, revision: str) -> dict[str, RemoteFile]:
        """All files at a revision, by path."""
        from huggingface_hub.hf_api import RepoFile

        tree = patiently(lambda: [*self.api.list_repo_tree(**self._where, revision=revision, recursive=True)])
        return {
            one.path: RemoteFile(one.size, one.lfs.sha256 if one.lfs else None, one.blob_id)
            for one in tree
            if isinstance(one, RepoFile)
        }

    def card(self, revision: str) -> str:
        """The text of README.md; empty where there is none."""
        from huggingface_hub.errors import RemoteEntryNotFoundError

        try:
            path = patiently(lambda: self.api.hf_hub_download(**self._where, filename="README.md", revision=revision))
        except RemoteEntryNotFoundError:
            return ""
        with open(path, encoding="utf-8", errors="replace") as file:
            return file.read()

    def create(self, space_sdk: str | None) -> None:
        """Make the repository, private until a release is in it; one that is there is left as it is."""
        patiently(lambda: self.api.create_repo(**self._where, private=True, exist_ok=True, space_sdk=space_sdk))

    def make_public(self) -> None:
        """Let everybody see it."""
        patiently(lambda: self.api.update_repo_settings(**self._where, private=False))

    def create_branch(self, name: str, revision: str) -> None:
        """Make a branch at a commit; one that is there is left as it is."""
        patiently(lambda: self.api.create_branch(**self._where, branch=name, revision=revision, exist_ok=True))

    def delete_branch(self, name: str) -> None:
        """Take a branch away; one that is gone is gone."""
        from huggingface_hub.errors import RevisionNotFoundError

        try:
            patiently(lambda: self.api.delete_branch(**self._where, branch=name))
        except RevisionNotFoundError:
            return

    def branches(self) -> list[str]:
        """The names of all branches."""
        return [branch.name for branch in patiently(lambda: self.api.list_repo_refs(**self._where)).branches]

    def tags(self) -> dict[str, str]:
        """The commits of all tags, by name."""
        refs = patiently(lambda: self.api.list_repo_refs(**self._where))
        return {tag.name: tag.target_commit for tag in refs.tags}

    def tag(self, name: str, commit: str) -> None:
        """Name a commit."""
        patiently(lambda: self.api.create_tag(**self._where, tag=name, revision=commit, exist_ok=True))

    def upload(self, files: Mapping[str, Content], revision: str, message: str) -> None:
        """Send files in one commit on a branch or a pull request; what the Hub has already is not sent."""
        from huggingface_hub import CommitOperationAdd

        def send() -> object:
            # Made anew for each attempt: an operation that was committed cannot be used again.
            operations = [CommitOperationAdd(path, content) for path, content in files.items()]
            return self.api.create_commit(
                **self._where, operations=operations, commit_message=message, revision=revision
            )

        patiently(send)

    def promote(
        self, changed: Sequence[str], removed: Sequence[str], source: str, onto: str, parent: str, message: str
    ) -> str:
        """Make one commit on a branch: files copied from another commit, others taken away. Nothing is sent.

        Tried once: whether a refusal is for good depends on where the branch is.

        Raises:
            HfHubHTTPError: 412, when the branch is no longer at `parent`.
        """
        from huggingface_hub import CommitOperationCopy, CommitOperationDelete

        copies = [CommitOperationCopy(path, path, src_revision=source) for path in changed]
        deletions = [CommitOperationDelete(path, is_folder=False) for path in removed]
        oid: str = self.api.create_commit(
            **self._where,
            operations=[*copies, *deletions],
            commit_message=message,
            revision=onto,
            parent_commit=parent,
        ).oid
        return oid

    def pull_request(self, title: str, description: str) -> str:
        """Find the pull request that this user opened under a title, or open it as a draft; its reference."""
        # Looked for before each attempt: the answer to the one before may have been lost on the way.
        return f"refs/pr/{patiently(lambda: self._find_or_open(title, description))}"

    def _find_or_open(self, title: str, description: str) -> int:
        for one in self.api.get_repo_discussions(**self._where, discussion_type="pull_request"):
            if (one.title, one.author) == (title, self.user) and one.status in ("draft", "open"):
                return int(one.num)
        return int(self.api.create_pull_request(**self._where, title=title, description=description).num)

    def open_for_review(self, reference: str) -> str:
        """Make a draft of a pull request ready for review; its page."""
        number = int(reference.rpartition("/")[2])
        details = patiently(lambda: self.api.get_discussion_details(**self._where, discussion_num=number))
        if details.status == "draft":
            patiently(
                lambda: self.api.change_discussion_status(**self._where, discussion_num=number, new_status="open")
            )
        return f"{self.page}/discussions/{number}"

    def remove(self, paths: Sequence[str], revision: str, message: str) -> None:
        """Take files away in one commit."""
        from huggingface_hub import CommitOperationDelete

        operations = [CommitOperationDelete(path, is_folder=False) for path in paths]
        patiently(
            lambda: self.api.create_commit(
                **self._where, operations=operations, commit_message=message, revision=revision
            )
        )
