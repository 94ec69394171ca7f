"""Where the tasks of others' evaluation harnesses lie: `caslie harness lm-eval`, `caslie harness lmms-eval`."""

import typer

from caslie.harness import lm_eval_folder, lmms_eval_folder
from mmecinstruct.terminal import say

app = typer.Typer(no_args_is_help=True, help="The test sets as tasks of lm-evaluation-harness and of lmms-eval.")


@app.command("lm-eval")
def lm_eval() -> None:
    """Print the folder that lm-evaluation-harness includes: tasks for models that read captions.

    lm_eval --model hf --model_args pretrained=user/base,peft=user/caslie-pocket-m --tasks mmecinstruct_ood
    --include_path "$(caslie harness lm-eval)" --metadata dataset=user/mmecinstruct

    It asks the prompts of `caslie predict`, so leave --apply_chat_template out; on a CPU add dtype=float32. It cannot
    put an adapter on a head that is the embedding too, as Llama-3.2-3B has: `caslie merge` it, and name the merged
    model alone.
    """
    say(str(lm_eval_folder()))


@app.command("lmms-eval")
def lmms_eval() -> None:
    """Print the folder that lmms-eval includes: tasks for models that look at the pictures themselves.

    MMECINSTRUCT_DATASET=user/mmecinstruct python -m lmms_eval --tasks mmecinstruct_ood
    --include_path "$(caslie harness lmms-eval)" --model qwen2_5_vl --model_args pretrained=user/model
    """
    say(str(lmms_eval_folder()))
