"""Multi-class product classification (MPC): how well does the product fit the query? (paper, Table 2 and A.5)."""

from mmecinstruct.schema import Draft, Drop
from mmecinstruct.tasks import esci
from mmecinstruct.tasks.base import TASKS, Row, TaskSpec

ANSWERS = {"E": "A", "S": "B", "C": "C", "I": "D"}  # the options in the order of Figure A5


def draft(row: Row) -> Draft | Drop:
    """One judged pair, one of four letters."""
    return esci.draft(row, ANSWERS)


TASKS.add(
    "multiclass_product_classification",
    TaskSpec(
        "multiclass_product_classification", "mpc", esci.Options, False, esci.needs, esci.pool, esci.DETAILS, draft
    ),
    alias="mpc",
)
