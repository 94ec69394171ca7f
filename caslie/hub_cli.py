"""`caslie hub`: a Hub on this machine, served in the foreground or in the background."""

import shlex
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from caslie.errors import LocalHubError

if TYPE_CHECKING:
    from caslie.localhub.orders import Order, Started

app = typer.Typer(no_args_is_help=True, help="Run a Hugging Face Hub on this machine.")

DirArg = Annotated[
    Path | None, typer.Argument(help="The Hub's folder.", show_default="~/.cache/mmecinstruct/hub", metavar="DIR")
]
HostOption = Annotated[str | None, typer.Option(help="The address to listen at.", show_default="127.0.0.1")]
PortOption = Annotated[int | None, typer.Option(help="The port to listen at; 0 is any free one.", show_default="8482")]
UserOption = Annotated[
    list[str] | None,
    typer.Option(
        metavar="NAME:TOKEN[:read]", help="Give a user a token, one only to read or one for all. Repeatable."
    ),
]
OrgOption = Annotated[
    list[str] | None, typer.Option(metavar="NAME:MEMBER", help="Put a user into an organisation. Repeatable.")
]


@app.command()
def serve(
    directory: Annotated[Path, typer.Argument(help="The Hub's folder; a new one is made.", metavar="DIR")],
    host: HostOption = None,
    port: PortOption = None,
    user: UserOption = None,
    org: OrgOption = None,
) -> None:
    """Serve until Ctrl-C. The first user's token is shown once: `eval` what stands on stdout, or copy it."""
    from caslie.localhub import server

    order = _order(directory, host, port, user, org)
    server.log_to_stderr()
    server.serve(order, lambda started: _print_exports(order, started))


@app.command()
def start(
    directory: DirArg = None,
    host: HostOption = None,
    port: PortOption = None,
    user: UserOption = None,
    org: OrgOption = None,
) -> None:
    """Start one in the background: eval "$(caslie hub start)". One that runs already is left as it is."""
    from caslie.localhub import background
    from caslie.localhub.orders import Started
    from caslie.localhub.running import find_running

    order = _order(_folder(directory), host, port, user, org)
    running = find_running(order.root)
    if running is None:
        started = background.start(order)
        try:
            return _print_exports(order, started)
        except OSError:  # nobody would know of it, nor of its token
            background.stop(order.root)
            raise
    other = (host or running.host, port or running.port) != (running.host, running.port)
    if user or org or other:
        stop_first = f"first caslie hub stop {shlex.quote(str(order.root))}, to serve it differently"
        raise LocalHubError(f"{order.root} is served already, at {running.endpoint}; {stop_first}")
    _note(f"{order.root} is served already")
    _print_exports(order, Started(running, None))


@app.command()
def stop(directory: DirArg = None) -> None:
    """Stop the one in the background, once it has finished what it is doing."""
    from caslie.localhub import background
    from mmecinstruct.terminal import say

    root = _folder(directory)
    stopped = background.stop(root)
    say(f"{root} is not served any more" if stopped else f"{root}: no server is running")


@app.command()
def status(
    directory: DirArg = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON for a machine.")] = False,
) -> None:
    """Tell whether one is running, and where; exit code 1 if none is."""
    from caslie.localhub.running import find_running
    from mmecinstruct.terminal import print_json, say

    root = _folder(directory)
    found = find_running(root)
    if as_json:
        told = {"endpoint": found.endpoint, "pid": found.pid} if found else {}
        print_json({"folder": str(root), "running": found is not None} | told)
    else:
        say(
            f"{root} is served at {found.endpoint} by process {found.pid}"
            if found
            else f"{root}: no server is running"
        )
    if found is None:
        raise typer.Exit(1)


def _folder(directory: Path | None) -> Path:
    if directory:
        return directory.resolve()
    from mmecinstruct.builder.build import cache_folder

    return cache_folder().resolve() / "hub"


def _order(
    directory: Path, host: str | None, port: int | None, users: list[str] | None, orgs: list[str] | None
) -> "Order":
    from caslie.localhub.orders import HOST, PORT, Order

    return Order(
        root=directory.resolve(),
        host=HOST if host is None else host,
        port=PORT if port is None else port,
        users=tuple(users or ()),
        orgs=tuple(orgs or ()),
    )


def _print_exports(order: "Order", started: "Started") -> None:
    """Say on stdout what a shell takes as it is, and the rest on stderr."""
    from caslie.localhub.orders import FIRST_USER
    from caslie.localhub.running import is_loopback

    running = started.running
    if not is_loopback(running.host):
        _note(f"everybody who reaches {running.host} reaches this Hub too, and tokens travel as they are")
    sys.stdout.write(f"export HF_ENDPOINT={running.endpoint}\n")
    if started.token:
        _note(f"the Hub had no user: it has one now, {FIRST_USER}, whose token is shown this once")
        sys.stdout.write(f"export HF_TOKEN={started.token}\n")
    else:
        _note("tokens were shown when they were made; --user NAME:TOKEN gives somebody another one")
    sys.stdout.flush()
    _note(f"its pages: {running.endpoint}    to stop it: caslie hub stop {shlex.quote(str(order.root))}")


def _note(text: str) -> None:
    sys.stderr.write(text + "\n")
