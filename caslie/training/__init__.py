"""uniM3: LoRA adapters on fused prompts, by TRL's SFTTrainer (paper, section 4.3 and appendix D)."""

from caslie.training.settings import with_flags
from caslie.training.stage import Trained, train_all

__all__ = ["Trained", "train_all", "with_flags"]
