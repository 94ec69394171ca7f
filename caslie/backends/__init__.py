"""Models behind one small face, found by URI."""

from caslie.backends.base import LASTING, Backend, Engine, Model, Problem, Question, Reply, Weight
from caslie.backends.finding import find

__all__ = ["LASTING", "Backend", "Engine", "Model", "Problem", "Question", "Reply", "Weight", "find"]
