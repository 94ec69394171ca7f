"""CQE: several models vote whether a caption helps the task, and the majority decides (paper, section 4.2)."""

from caslie.cqe.majority import decide, settle
from caslie.cqe.stage import Bench, Verdicts, judge, open_bench

__all__ = ["Bench", "Verdicts", "decide", "judge", "open_bench", "settle"]
