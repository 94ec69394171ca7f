"""What the Hub refuses, in the words and headers that the real clients turn into their own exceptions."""

from http import HTTPStatus


class HubError(Exception):
    """A refusal: an HTTP status, a message for people, and the `X-Error-Code` that clients go by, if there is one.

    `commit` is the one that a file is missing from: clients remember it, and do without the file when offline.
    `reason` stands on the status line, which is all that hf_xet tells people.
    """

    def __init__(
        self,
        status: HTTPStatus,
        message: str,
        code: str | None = None,
        commit: str | None = None,
        reason: str | None = None,
    ) -> None:
        super().__init__(message)
        self.status = status
        self.message = message
        self.code = code
        self.commit = commit
        self.reason = reason


def bad_request(message: str) -> HubError:
    """What was sent makes no sense."""
    return HubError(HTTPStatus.BAD_REQUEST, message)


def forbidden(message: str) -> HubError:
    """The token is known, and this is more than it may do."""
    return HubError(HTTPStatus.FORBIDDEN, message)


def conflict(message: str) -> HubError:
    """It is there already."""
    return HubError(HTTPStatus.CONFLICT, message)


def moved_on(message: str = "A commit has happened since. Please refresh and try again.") -> HubError:
    """The branch is no longer where the commit was to be put."""
    return HubError(HTTPStatus.PRECONDITION_FAILED, message)


def no_revision(revision: str) -> HubError:
    """No such branch, tag or commit."""
    return HubError(HTTPStatus.NOT_FOUND, f"Invalid rev id: {revision}", "RevisionNotFound")


def no_entry(path: str, where: str, commit: str | None = None) -> HubError:
    """No such file or folder at a revision, whose commit it is."""
    return HubError(HTTPStatus.NOT_FOUND, f"{path} does not exist on {where}", "EntryNotFound", commit)


def no_repo(known_user: bool) -> HubError:
    """No such repository, or one that this user may not know of; the real Hub tells nobody which."""
    if known_user:
        return HubError(HTTPStatus.NOT_FOUND, "Repository not found", "RepoNotFound")
    return HubError(HTTPStatus.UNAUTHORIZED, "Invalid username or password.", "RepoNotFound")


def gated(repo: str, known_user: bool) -> HubError:
    """The repository is seen by all, its files only by whom its owner let in."""
    if known_user:
        message = f"Access to {repo} is restricted and you are not in the authorized list. Ask its owner for access."
        return HubError(HTTPStatus.FORBIDDEN, message, "GatedRepo")
    message = f"Access to {repo} is restricted. You must have access to it and be authenticated. Please log in."
    return HubError(HTTPStatus.UNAUTHORIZED, message, "GatedRepo")


def bad_token() -> HubError:
    """A token that nobody was given."""
    return HubError(HTTPStatus.UNAUTHORIZED, "Invalid credentials in Authorization header")


def not_logged_in() -> HubError:
    """No token, where one is needed."""
    return HubError(HTTPStatus.UNAUTHORIZED, "Invalid username or password.")
