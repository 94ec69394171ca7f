"""uniM3: LoRA adapters on fused prompts, by TRL's SFTTrainer (paper, section 4.3 and appendix D)."""

from caslie.training.settings import is_main_process, with_flags
from caslie.training.stage import Trained, check, train_all

__all__ = ["Trained", "check", "is_main_process", "train_all", "with_flags"]
