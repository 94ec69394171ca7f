"""Models of the Hub, of a folder and of the pocket, run here by transformers (paper, sections 4.1 and 4.2)."""

from caslie.backends.transformers.finding import find_pocket, find_transformers

__all__ = ["find_pocket", "find_transformers"]
