"""All checks of the paper in one place: percentages, contradictions, agreements, baselines and gaps."""

from dataclasses import dataclass

from caslie.paper.agreements import check_cells, check_laws
from caslie.paper.baselines import Baseline, baselines_beside
from caslie.paper.binary import check_binary
from caslie.paper.claims import check_claims
from caslie.paper.columns import check_caption_use, check_columns, check_underlines
from caslie.paper.findings import Finding, Verdict
from caslie.paper.gains import check_gains, check_over_best
from caslie.paper.noise import Gap, gaps
from caslie.paper.paper import Paper
from caslie.paper.rarest import check_relations
from caslie.paper.suspects import check_suspects
from caslie.paper.totals import check_totals
from caslie.paper.words import check_words


@dataclass(frozen=True, slots=True)
class Group:
    """Findings of one kind."""

    name: str
    findings: tuple[Finding, ...]

    def n_of(self, verdict: Verdict) -> int:
        """Count the findings of a verdict."""
        return sum(one.verdict is verdict for one in self.findings)


@dataclass(frozen=True, slots=True)
class Checked:
    """The findings by kind, percentages and sums first, and what stands beside the printed numbers."""

    groups: tuple[Group, ...]
    baselines: tuple[Baseline, ...]
    gaps: tuple[Gap, ...]

    @property
    def percentages(self) -> Group:
        """Every percentage and sum that is printed."""
        return self.groups[0]

    @property
    def contradictions(self) -> tuple[Finding, ...]:
        """What is printed and does not hold."""
        return tuple(one for group in self.groups for one in group.findings if one.verdict is not Verdict.OK)


def check(paper: Paper) -> Checked:
    """Check everything that the printed tables and words can prove."""
    percentages = [*check_columns(paper), *check_over_best(paper), check_caption_use(paper), *check_gains(paper)]
    findings = {
        "percentages and sums": percentages + check_totals(paper),
        "best baselines as underlined in Table 4": check_underlines(paper),
        "numbers that stand in several tables": check_cells(paper),
        "pasted rows and impossible zeros": check_suspects(paper),
        "whole numbers behind Tables A7 and A10": check_binary(paper),
        "whole numbers behind Table A9": check_relations(paper),
        "laws of F1": check_laws(paper),
        "claims": check_claims(paper),
        "words": check_words(paper),
    }
    groups = tuple(Group(name, tuple(found)) for name, found in findings.items())
    return Checked(groups, tuple(baselines_beside(paper)), tuple(gaps(paper)))
