"""One bare git repository: its revisions, its files, its commits. The contents of LFS files are elsewhere."""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path, PurePosixPath

import pygit2
from pygit2.enums import FileMode, Option, SortMode

from caslie.localhub.errors import bad_request, conflict, no_entry, no_revision

MAIN = "main"
COMMIT = re.compile(r"[0-9a-f]{40}")
POINTER = re.compile(rb"version https://git-lfs\.github\.com/spec/v1\noid sha256:([0-9a-f]{64})\nsize (\d{1,18})\n?")
LARGEST_POINTER = 200

# Which files are LFS files by their name; others are by their size (see `preupload`).
ATTRIBUTES = b"".join(
    b"*.%s filter=lfs diff=lfs merge=lfs -text\n" % ending
    for ending in (
        *(b"arrow", b"avro", b"bin", b"bz2", b"ckpt", b"gz", b"h5", b"joblib", b"lz4", b"model", b"npy", b"npz"),
        *(b"onnx", b"ot", b"parquet", b"pb", b"pickle", b"pkl", b"pt", b"pth", b"rar", b"safetensors", b"tar"),
        *(b"tflite", b"tgz", b"wasm", b"xz", b"zip", b"zst", b"jpg", b"jpeg", b"png", b"gif", b"webp", b"wav"),
        *(b"mp3", b"mp4", b"flac", b"ogg"),
    )
)

pygit2.option(Option.ENABLE_FSYNC_GITDIR, 1)


@dataclass(frozen=True, slots=True)
class Pointer:
    """What git holds of an LFS file: the sha256 and the size of its content."""

    sha256: str
    size: int

    def __bytes__(self) -> bytes:
        return f"version https://git-lfs.github.com/spec/v1\noid sha256:{self.sha256}\nsize {self.size}\n".encode()


@dataclass(frozen=True, slots=True)
class Entry:
    """A file or folder at a revision. `oid` is git's own; `size` is that of the content, 0 for a folder."""

    path: str
    oid: str
    size: int
    is_folder: bool = False
    lfs: Pointer | None = None


@dataclass(frozen=True, slots=True)
class Commit:
    """A commit as its history shows it."""

    sha: str
    title: str
    message: str
    author: str
    when: datetime


@dataclass(frozen=True, slots=True)
class Changes:
    """What a commit does, in this order: deletions, then files and pointers by path."""

    deleted_files: tuple[str, ...] = ()
    deleted_folders: tuple[str, ...] = ()
    files: tuple[tuple[str, bytes], ...] = ()
    pointers: tuple[tuple[str, Pointer], ...] = ()


class GitRepo:
    """A bare repository on disk. Cheap to open; open one for each request, since it belongs to one thread."""

    def __init__(self, path: Path) -> None:
        self._repo = pygit2.Repository(str(path))

    @staticmethod
    def create(path: Path) -> None:
        """Make an empty bare repository whose branch will be `main`."""
        pygit2.init_repository(str(path), bare=True, initial_head=MAIN)

    def commit_of(self, revision: str) -> str:
        """The commit a branch, tag, `refs/...` name or commit (whole, or 7 digits of it) stands for."""
        references = self._repo.references
        for name in (f"refs/heads/{revision}", f"refs/tags/{revision}", revision):
            if name.startswith("refs/") and name in references:
                return str(references[name].peel(pygit2.Commit).id)
        if re.fullmatch(r"[0-9a-f]{7,40}", revision):
            found: object = self._repo.get(revision)
            if isinstance(found, pygit2.Commit):
                return str(found.id)
        raise no_revision(revision)

    def refs(self, prefix: str) -> dict[str, str]:
        """The commits of all references below `refs/heads/`, `refs/tags/` or `refs/pr/`, by short name."""
        references = self._repo.references
        return {
            name.removeprefix(prefix): str(references[name].peel(pygit2.Commit).id)
            for name in sorted(references)
            if name.startswith(prefix)
        }

    def create_ref(self, name: str, commit: str) -> None:
        """Make a branch, a tag or a pull request's reference; one that exists is a conflict."""
        if name in self._repo.references:
            raise conflict(f"Reference already exists: {name}")
        try:
            self._repo.references.create(name, pygit2.Oid(hex=commit))
        except (ValueError, OSError, pygit2.GitError) as error:  # `a/b` beside `a`
            raise conflict(f"{name}: {error}") from error

    def move_ref(self, name: str, commit: str) -> None:
        """Let a reference stand for another commit."""
        self._repo.references[name].set_target(pygit2.Oid(hex=commit))

    def delete_ref(self, name: str) -> None:
        """Take a reference away."""
        if name not in self._repo.references:
            raise no_revision(name)
        self._repo.references.delete(name)

    def entry(self, commit: str, path: str) -> Entry:
        """One file or folder."""
        try:
            return self._entry(path, self._tree(commit)[path])
        except KeyError as error:
            raise no_entry(path, commit, commit) from error

    def entries(self, commit: str, folder: str = "", recursive: bool = False) -> Iterator[Entry]:
        """Yield what is in a folder, in git's order; with `recursive` all that is below it."""
        tree = self._tree(commit)
        if folder:
            try:
                found = tree[folder]
            except KeyError as error:
                raise no_entry(folder, commit) from error
            if not isinstance(found, pygit2.Tree):
                raise no_entry(folder, commit)
            tree = found
        yield from self._walk(tree, f"{folder}/" if folder else "", recursive)

    def read(self, entry: Entry) -> bytes:
        """The bytes of a file as git holds them: its content, or an LFS file's pointer."""
        return self._blob(entry.oid).data

    def history(self, commit: str) -> Iterator[Commit]:
        """Yield a commit and all before it, newest first."""
        for one in self._repo.walk(pygit2.Oid(hex=commit), SortMode.TOPOLOGICAL):
            yield _commit(one)

    def last_commits(self, commit: str, paths: Iterable[str]) -> dict[str, Commit]:
        """The commit that last changed each file or folder."""
        wanted = set(paths)
        found: dict[str, Commit] = {}
        for one in self._repo.walk(pygit2.Oid(hex=commit), SortMode.TOPOLOGICAL):
            after, before = one.tree, one.parents[0].tree if one.parents else None  # read once, not for each path
            changed = {path for path in wanted if _oid(after, path) != _oid(before, path)}
            found |= dict.fromkeys(changed, _commit(one))
            wanted -= changed
            if not wanted:
                break
        return found

    def start(self, ref: str, author: str) -> None:
        """Add the first commit, which the real Hub makes too: without one a branch is nowhere."""
        self.commit(ref, None, Changes(files=((".gitattributes", ATTRIBUTES),)), author, "initial commit")

    def commit(self, ref: str, parent: str | None, changes: Changes, author: str, message: str) -> str:
        """Add a commit on `parent` and let `ref` stand for it; what changes nothing adds none and gives `parent`."""
        index = pygit2.Index()
        if parent:
            index.read_tree(self._tree(parent))
        self._apply(index, changes)
        tree = index.write_tree(self._repo)
        if parent and tree == self._tree(parent).id:
            return parent
        who = pygit2.Signature(author, f"{author}@users.noreply.hub.localhost")
        sha = self._repo.create_commit(None, who, who, message, tree, [pygit2.Oid(hex=parent)] if parent else [])
        if ref in self._repo.references:
            self.move_ref(ref, str(sha))
        else:
            self.create_ref(ref, str(sha))
        return str(sha)

    def _apply(self, index: pygit2.Index, changes: Changes) -> None:
        for path in changes.deleted_files:
            if path not in index:
                raise bad_request(f"{path} cannot be deleted: there is no such file")
            index.remove(path)
        for folder in changes.deleted_folders:
            if not any(entry.path.startswith(f"{folder}/") for entry in index):
                raise bad_request(f"{folder} cannot be deleted: there is no such folder")
            index.remove_directory(folder)
        contents = dict(changes.files) | {path: bytes(pointer) for path, pointer in changes.pointers}
        # Before they are added: git would let a file take the place of a folder, or the other way round.
        _refuse_file_as_folder({entry.path for entry in index} | contents.keys())
        for path, content in contents.items():
            try:
                index.add(pygit2.IndexEntry(path, self._repo.create_blob(content), FileMode.BLOB))
            except pygit2.GitError as error:
                raise bad_request(f"{path} cannot be in a repository: {error}") from error

    def _tree(self, commit: str) -> pygit2.Tree:
        found: object = self._repo.get(commit)
        if not isinstance(found, pygit2.Commit):
            raise no_revision(commit)
        return found.tree

    def _walk(self, tree: pygit2.Tree, prefix: str, recursive: bool) -> Iterator[Entry]:
        for one in tree:
            entry = self._entry(f"{prefix}{one.name}", one)
            yield entry
            if recursive and isinstance(one, pygit2.Tree):
                yield from self._walk(one, f"{entry.path}/", recursive)

    def _entry(self, path: str, found: pygit2.Object) -> Entry:
        if isinstance(found, pygit2.Tree):
            return Entry(path, str(found.id), 0, is_folder=True)
        blob = self._blob(found.id)
        pointer = _pointer(blob)
        return Entry(path, str(found.id), pointer.size if pointer else blob.size, lfs=pointer)

    def _blob(self, oid: pygit2.Oid | str) -> pygit2.Blob:
        found = self._repo[oid]
        if not isinstance(found, pygit2.Blob):
            raise no_entry(str(oid), "this repository")
        return found


def _refuse_file_as_folder(files: set[str]) -> None:
    for path in files:
        clash = next((str(above) for above in PurePosixPath(path).parents if str(above) in files), None)
        if clash:
            raise bad_request(f"{clash} cannot be a file and the folder of {path}")


def _pointer(blob: pygit2.Blob) -> Pointer | None:
    found = POINTER.fullmatch(blob.data) if blob.size <= LARGEST_POINTER else None
    return Pointer(found[1].decode(), int(found[2])) if found else None


def _oid(tree: pygit2.Tree | None, path: str) -> pygit2.Oid | None:
    try:
        return tree[path].id if tree is not None else None
    except KeyError:
        return None


def _commit(commit: pygit2.Commit) -> Commit:
    title, _, rest = commit.message.partition("\n\n")
    when = datetime.fromtimestamp(commit.commit_time, UTC)
    return Commit(str(commit.id), title, rest.strip(), commit.author.name, when)
