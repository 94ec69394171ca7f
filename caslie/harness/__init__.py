"""The test sets as tasks of others' evaluation harnesses; each folder is what `--include_path` names."""

from pathlib import Path

__all__ = ["lm_eval_folder", "lmms_eval_folder"]


def lm_eval_folder() -> Path:
    """The tasks of lm-evaluation-harness, for models that read captions."""
    return Path(__file__).parent / "lm_eval"


def lmms_eval_folder() -> Path:
    """The tasks of lmms-eval, for models that look at the pictures themselves."""
    return Path(__file__).parent / "lmms_eval"
