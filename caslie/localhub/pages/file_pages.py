"""The files of a repository: what is in a folder, and one file's text, or the picture it is, or neither."""

from collections.abc import Callable
from dataclasses import dataclass

from caslie.localhub.errors import HubError, no_entry
from caslie.localhub.pages.errors import Unshowable
from caslie.localhub.pages.fields import picture_type
from caslie.localhub.pages.snapshot import Listing, Snapshot
from caslie.localhub.storage.accounts import Caller
from caslie.localhub.storage.git import Entry

LARGEST_TEXT = 200_000
LARGEST_PICTURE = 20 << 20

# A snapshot is opened in the thread that reads it.
Opening = Callable[[], Snapshot]


@dataclass(frozen=True, slots=True)
class FolderPage:
    """What the template shows of a folder."""

    snapshot: Snapshot
    path: str
    listing: Listing


@dataclass(frozen=True, slots=True)
class FilePage:
    """What the template shows of a file; `told` is why there is nothing to see."""

    snapshot: Snapshot
    entry: Entry
    text: str = ""
    is_cut: bool = False
    is_picture: bool = False
    told: str = ""


def folder_page(opening: Opening, path: str) -> FolderPage:
    """Read what is in a folder."""
    snapshot = opening()
    return FolderPage(snapshot, path, snapshot.listing(path))


def file_page(opening: Opening, path: str, caller: Caller) -> FilePage:
    """Read the start of a file, if it is one that can be looked at."""
    snapshot = opening()
    entry = snapshot.git.entry(snapshot.commit, path)
    if entry.is_folder:
        raise no_entry(path, snapshot.revision)
    try:
        snapshot.repo.must_admit(caller)
        start = snapshot.start_of(entry, LARGEST_TEXT)
    except Unshowable as problem:
        return FilePage(snapshot, entry, told=str(problem))
    except HubError as refusal:
        return FilePage(snapshot, entry, told=refusal.message)
    if picture_type(start) and entry.size <= LARGEST_PICTURE:
        return FilePage(snapshot, entry, is_picture=True)
    if b"\0" in start or picture_type(start):
        return FilePage(snapshot, entry, told="neither a text nor a picture that is shown here")
    return FilePage(snapshot, entry, text=start.decode("utf-8", "replace"), is_cut=entry.size > LARGEST_TEXT)
