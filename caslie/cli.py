"""The command line of the framework; `mmecinstruct` makes the dataset, `caslie-push` publishes."""

import json
import platform
import sys
from importlib.metadata import PackageNotFoundError, version
from typing import Annotated

import typer

from caslie import (
    evaluation_cli,
    failures_cli,
    harness_cli,
    hub_cli,
    inference_cli,
    merge_cli,
    metrics_cli,
    paper_cli,
    pocket_cli,
    report_cli,
    run_cli,
    stages_cli,
    tuning_cli,
)
from mmecinstruct.terminal import run

LIBRARIES = (
    *("mmecinstruct", "datasets", "huggingface_hub", "duckdb", "pyarrow", "pillow"),
    *("torch", "transformers", "peft", "trl", "accelerate", "evaluate"),
)

app = typer.Typer(no_args_is_help=True, add_completion=False, pretty_exceptions_enable=False)
stages_cli.add_to(app)
inference_cli.add_to(app)
tuning_cli.add_to(app)
evaluation_cli.add_to(app)
failures_cli.add_to(app)
report_cli.add_to(app)
merge_cli.add_to(app)
run_cli.add_to(app)
paper_cli.add_to(app)
metrics_cli.add_to(app)
app.add_typer(harness_cli.app, name="harness")
app.add_typer(hub_cli.app, name="hub")
app.add_typer(pocket_cli.app, name="pocket")


def main() -> None:
    """Run the command line; what the user can mend is one line, and exit code 1."""
    run(app)


@app.callback()
def caslie() -> None:
    """Caption, judge, tune and evaluate on MMECInstruct."""


@app.command()
def env(as_json: Annotated[bool, typer.Option("--json", help="Print JSON for a machine.")] = False) -> None:
    """Print what a bug report needs: the versions of the libraries, None where one is not installed."""
    found = {"python": platform.python_version(), "platform": platform.platform()} | {
        name: _version(name) for name in LIBRARIES
    }
    if as_json:
        sys.stdout.write(json.dumps(found, indent=1) + "\n")
        return
    for name, value in found.items():
        sys.stdout.write(f"{name}: {value}\n")


def _version(name: str) -> str | None:
    try:
        return version(name)
    except PackageNotFoundError:
        return None
