"""Looks on while TRL trains: moves the bar, keeps the log, and asks for checkpoints between the epochs."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

from transformers import TrainerCallback
from transformers.trainer_pt_utils import BatchRebalanceSampler

from caslie.training.curves import read_log

if TYPE_CHECKING:
    from transformers import TrainerControl, TrainerState, TrainingArguments

Progress = Callable[[str, int, int], None]


class Watching(TrainerCallback):  # type: ignore[misc]
    """Tells how far a training is and keeps its log; a run that goes on takes back what was logged after its start."""

    def __init__(self, log: Path, progress: Progress) -> None:
        self._log = log
        self._progress = progress

    def on_train_begin(
        self, args: "TrainingArguments", state: "TrainerState", control: "TrainerControl", **_: Any
    ) -> None:
        """Cut the log to where the run goes on."""
        if state.is_world_process_zero:
            kept = [line for line in read_log(self._log) if line["step"] <= state.global_step]
            self._log.write_text("".join(json.dumps(line) + "\n" for line in kept), encoding="utf-8")

    def on_epoch_begin(
        self, args: "TrainingArguments", state: "TrainerState", control: "TrainerControl", **given: Any
    ) -> None:
        """Tell the sampler its epoch: behind a skipped beginning and a share of one process, nobody reaches it."""
        sampler = given["train_dataloader"].batch_sampler
        while not isinstance(sampler, BatchRebalanceSampler) and "batch_sampler" in vars(sampler):
            sampler = sampler.batch_sampler
        if isinstance(sampler, BatchRebalanceSampler):
            sampler.set_epoch(int(state.epoch or 0))

    def on_step_end(
        self, args: "TrainingArguments", state: "TrainerState", control: "TrainerControl", **_: Any
    ) -> None:
        """Move the bar, and save every `save_steps` steps, which TRL itself leaves out where epochs are saved.

        Not where an epoch ends: a checkpoint of that step must hold what the evaluation after it finds.
        """
        self._progress("training", state.global_step, state.max_steps)
        if state.global_step % int(args.save_steps) == 0 and not float(state.epoch or 0).is_integer():
            control.should_save = control.should_log = True

    def on_epoch_end(
        self, args: "TrainingArguments", state: "TrainerState", control: "TrainerControl", **_: Any
    ) -> None:
        """Log wherever a checkpoint is saved: a run that goes on from it then logs means over the same steps."""
        control.should_log = True

    def on_log(
        self,
        args: "TrainingArguments",
        state: "TrainerState",
        control: "TrainerControl",
        logs: dict[str, Any] | None = None,
        **_: Any,
    ) -> None:
        """Keep a line."""
        if state.is_world_process_zero and logs:
            with self._log.open("a", encoding="utf-8") as file:
                file.write(json.dumps({"step": state.global_step, **logs}) + "\n")
