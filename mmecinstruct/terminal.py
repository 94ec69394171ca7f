"""What the command line says and shows: results on stdout, progress on stderr."""

import json
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from io import TextIOWrapper
from typing import TYPE_CHECKING

from mmecinstruct.errors import MmecError

if TYPE_CHECKING:
    from rich.console import Console


def run(app: Callable[[], None]) -> None:
    """Run a command line; what the user can mend is one line, and exit code 1."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, TextIOWrapper):
            stream.reconfigure(errors="replace")  # a terminal that lacks a sign shows another
    try:
        app()
    except BrokenPipeError:
        sys.stderr.close()
    except (MmecError, OSError) as error:  # a full disk or a folder one may not write is no bug
        # A name from elsewhere may hold what steers a terminal.
        told = "".join(char if char.isprintable() or char == "\n" else repr(char)[1:-1] for char in str(error))
        with suppress(OSError):
            sys.stdout.flush()  # in a pipe, what was said before comes before
        sys.stderr.write(f"error: {told}\n")
        sys.exit(1)


@contextmanager
def progress_bars() -> Iterator[Callable[[str, int, int], None]]:
    """Yield a function that draws a bar on stderr for each thing under way; it draws none where nobody watches."""
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TaskID, TextColumn, TimeElapsedColumn

    console = Console(stderr=True)
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
    with Progress(*columns, console=console, disable=not console.is_terminal) as bars:
        tasks: dict[str, TaskID] = {}

        def progress(what: str, done: int, total: int) -> None:
            if what not in tasks:
                tasks[what] = bars.add_task(what, total=total)
            bars.update(tasks[what], completed=done, total=total)

        yield progress


def console() -> "Console":
    """Where tables are printed."""
    from rich.console import Console

    return Console()


def print_json(content: object) -> None:
    """Print for a machine."""
    sys.stdout.write(json.dumps(content, ensure_ascii=False, indent=1, default=str) + "\n")


def say(text: str) -> None:
    """Print a line for people."""
    sys.stdout.write(text + "\n")
