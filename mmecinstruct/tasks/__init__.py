"""The tasks: one module each, found by being here. The paper's seven come first, in the order of its Table 2."""

from importlib import import_module
from pkgutil import iter_modules

from mmecinstruct.tasks.base import TASKS, Pool, TaskSpec

__all__ = ["TASKS", "Pool", "TaskSpec"]

_PAPER = (
    "answerability_prediction",
    "category_classification",
    "product_relation_prediction",
    "product_substitute_identification",
    "multiclass_product_classification",
    "sentiment_analysis",
    "sequential_recommendation",
)

for _name in dict.fromkeys((*_PAPER, *sorted(module.name for module in iter_modules(__path__)))):
    import_module(f"{__name__}.{_name}")
