"""The command that shows the paper's printed tables, and checks them."""

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from mmecinstruct.errors import OutputError
from mmecinstruct.terminal import console, print_json, say

if TYPE_CHECKING:
    from caslie.paper.checking import Checked


def paper(
    check: Annotated[bool, typer.Option("--check", help="Recompute all; list what does not hold.")] = False,
    table: Annotated[str | None, typer.Option(help="Print this table only, as 4 or A7.")] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON for a machine.")] = False,
    markdown: Annotated[bool, typer.Option("--markdown", help="Check, and print it as Markdown.")] = False,
    write: Annotated[Path | None, typer.Option(help="Check, and write it between the marks of this file.")] = None,
) -> None:
    """Print the paper's tables, or check them against themselves and the text; what is wrong there is no error."""
    _refuse_two({"--json": as_json, "--markdown": markdown, "--write": write is not None})
    if not (check or markdown or write):
        _print_tables(table, as_json)
        return
    if table is not None:
        raise OutputError("all tables are checked together: leave --table out")
    _print_checked(as_json, markdown, write)


def add_to(app: typer.Typer) -> None:
    """Make this command part of the command line."""
    app.command()(paper)


def _refuse_two(forms: Mapping[str, bool]) -> None:
    given = [name for name, is_given in forms.items() if is_given]
    if len(given) > 1:
        raise OutputError(f"{' and '.join(given)} contradict each other: give one of them")


def _print_tables(number: str | None, as_json: bool) -> None:
    from dataclasses import asdict

    from caslie.paper import tables
    from caslie.paper.printing import print_table

    chosen = [tables.table(name) for name in ([number] if number is not None else tables.numbers())]
    if as_json:
        print_json([asdict(one) for one in chosen])
        return
    for one in chosen:
        print_table(console(), one)


def _print_checked(as_json: bool, markdown: bool, write: Path | None) -> None:
    from caslie.paper.checking import check
    from caslie.paper.markdown import section, write_section
    from caslie.paper.paper import printed_paper
    from caslie.paper.printing import print_checked

    checked = check(printed_paper())
    if write:
        write_section(write, section(checked))
        say(f"{write} is written")
    elif as_json:
        print_json(_content(checked))
    elif markdown:
        say(section(checked))
    else:
        print_checked(console(), checked)


def _content(checked: "Checked") -> dict[str, object]:
    from dataclasses import asdict

    gaps = [asdict(gap) | {"within_noise": gap.within_noise} for gap in checked.gaps]
    return {
        "groups": [asdict(group) for group in checked.groups],
        "contradictions": [asdict(one) for one in checked.contradictions],
        "baselines": [asdict(one) for one in checked.baselines],
        "gaps": gaps,
    }
