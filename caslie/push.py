"""`caslie-push`: what would be published of a build, and the command that publishes it."""

import json
import sys
from pathlib import Path
from typing import Annotated, Any

import typer

from mmecinstruct.errors import MmecError, OutputError

app = typer.Typer(no_args_is_help=True, add_completion=False, pretty_exceptions_enable=False)

# Where the rows were read on this machine is nobody else's business.
LEFT_OUT = ("lineage.sqlite",)


def main() -> None:
    """Run the command line; what the user can mend is one line, and exit code 1."""
    try:
        app()
    except MmecError as error:
        sys.stderr.write(f"error: {error}\n")
        sys.exit(1)


@app.callback()
def push() -> None:
    """Publish to a Hugging Face Hub."""


@app.command()
def dataset(
    directory: Annotated[Path, typer.Argument(help="A built folder.")],
    repository: Annotated[str, typer.Argument(help="Where to, as user/name.")],
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON for a machine.")] = False,
) -> None:
    """Print the plan for publishing a build: its files, its bytes, and the command of `hf` that uploads them."""
    plan = plan_dataset(directory, repository)
    if as_json:
        sys.stdout.write(json.dumps(plan, indent=1) + "\n")
        return
    for file in plan["files"]:
        sys.stdout.write(f"{file['bytes']:>14,}  {file['path']}\n")
    sys.stdout.write(f"{plan['bytes']:>14,}  in all\nnext: {plan['command']}\n")


def plan_dataset(directory: Path, repository: str) -> dict[str, Any]:
    """The files of a build that are to be published, and how.

    Raises:
        OutputError: the folder is no build, or the repository's name is none.
    """
    from huggingface_hub.errors import HFValidationError
    from huggingface_hub.utils._validators import validate_repo_id

    from mmecinstruct.builder.manifest import read_manifest

    read_manifest(directory)
    try:
        validate_repo_id(repository)
    except HFValidationError as error:
        raise OutputError(f"{repository!r} is no name of a repository: {error}") from error
    paths = sorted(path for path in directory.rglob("*") if path.is_file() and path.name not in LEFT_OUT)
    files = [{"path": path.relative_to(directory).as_posix(), "bytes": path.stat().st_size} for path in paths]
    left_out = " ".join(f"--exclude {name}" for name in LEFT_OUT)
    return {
        "repository": repository,
        "files": files,
        "bytes": sum(path.stat().st_size for path in paths),
        "command": f"hf upload {repository} {directory} --repo-type dataset --private {left_out}",
    }
