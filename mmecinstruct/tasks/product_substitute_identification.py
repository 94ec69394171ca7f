"""Product substitute identification (PSI).

Is the product a substitute for what was searched? (paper, Table 2, A.5).
"""

from mmecinstruct.schema import Draft, Drop
from mmecinstruct.tasks import esci
from mmecinstruct.tasks.base import TASKS, Row, TaskSpec

# "Exact, Complement, or Irrelevant labels are relabeled as non-substitute" (A.5)
ANSWERS = {"E": "no", "S": "yes", "C": "no", "I": "no"}


def draft(row: Row) -> Draft | Drop:
    """One judged pair, yes or no."""
    return esci.draft(row, ANSWERS)


TASKS.add(
    "product_substitute_identification",
    TaskSpec(
        "product_substitute_identification", "psi", esci.Options, False, esci.needs, esci.pool, esci.DETAILS, draft
    ),
    alias="psi",
)
