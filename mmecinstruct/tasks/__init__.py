"""The tasks: one module each. Importing this package registers all of them, in the order of the paper's Table 2."""

from mmecinstruct.tasks import (  # isort: skip
    answerability_prediction,
    category_classification,
    product_relation_prediction,
    product_substitute_identification,
    multiclass_product_classification,
    sentiment_analysis,
    sequential_recommendation,
)
from mmecinstruct.tasks.base import TASKS, Pool, TaskSpec

__all__ = [
    "TASKS",
    "Pool",
    "TaskSpec",
    "answerability_prediction",
    "category_classification",
    "multiclass_product_classification",
    "product_relation_prediction",
    "product_substitute_identification",
    "sentiment_analysis",
    "sequential_recommendation",
]
