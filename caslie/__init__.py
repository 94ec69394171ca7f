"""CASLIE: captions, votes, tuning and evaluation on MMECInstruct (paper, section 4). The dataset half comes first."""

__version__ = "0.1.0"
