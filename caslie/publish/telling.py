"""What a push says: the plan before it, the outcome after it."""

from collections import Counter
from collections.abc import Iterator
from typing import Any

from caslie.publish.plan import CARD, Plan
from caslie.publish.release import Released

MOST_FILES, MOST_LINES = 40, 40
SHOWN = ("new", "changed", "removed", "kept")


def plan_lines(plan: Plan) -> Iterator[str]:
    """Yield the plan for people: each file that changes, and the card's changes."""
    since = f"its commit {plan.base[:7]}" if plan.base else "nothing yet"
    yield f"{plan.repository} ({plan.repo_type}) on {plan.endpoint}, {plan.branch} with {since}; {plan.visibility}"
    moving = [file for file in plan.files if file.change in SHOWN]
    for file in moving[:MOST_FILES]:
        note = "  (not ours: left as it is)" if file.change == "kept" else ""
        yield f"  {file.change:<8}{file.bytes:>14,}  {printable(file.path)}{note}"
    if len(moving) > MOST_FILES:
        yield f"  and {len(moving) - MOST_FILES} more files: --dry-run --json names them"
    counts = Counter(file.change for file in plan.files)
    yield "  " + ", ".join(f"{n} {change}" for change, n in sorted(counts.items()))
    yield f"  at most {plan.bytes_to_send:,} bytes to send"
    yield from (f"  note: {printable(note)}" for note in plan.notes)
    yield from _card_lines(plan)


def _card_lines(plan: Plan) -> Iterator[str]:
    lines = plan.card.splitlines()
    if CARD not in plan.paths("changed"):
        return
    yield f"what changes in {CARD}:"
    yield from (f"  {line}" for line in lines[:MOST_LINES])
    if len(lines) > MOST_LINES:
        yield f"  and {len(lines) - MOST_LINES} more lines: --dry-run --json shows them"


def released_lines(plan: Plan, released: Released) -> Iterator[str]:
    """Yield the outcome for people, ending with how to load it."""
    named = f", tagged {released.tag}" if released.tag else ""
    yield f"{plan.repository}: {released.compared}"
    yield f"{released.page} is at {released.commit[:7]}{named}"
    revision = f'revision="{released.tag or released.commit}"'
    match plan.repo_type:
        case "dataset":
            yield f'next: load_dataset("{plan.repository}", {revision})'
        case "model":
            yield f'next: AutoPeftModelForCausalLM.from_pretrained("{plan.repository}", {revision})'
        case _:
            yield f'next: evaluate.load("{plan.repository}", "sr", {revision})'


def released_json(plan: Plan, released: Released) -> dict[str, Any]:
    """Give the outcome for a machine."""
    return {
        "repository": plan.repository,
        "repo_type": plan.repo_type,
        "endpoint": plan.endpoint,
        "page": released.page,
        "commit": released.commit,
        "tag": released.tag,
        "files_sent": released.sent,
        "compared": released.compared,
    }


def printable(text: str) -> str:
    """Show a name from elsewhere without letting it steer the terminal."""
    return "".join(char if char.isprintable() else repr(char)[1:-1] for char in text)
