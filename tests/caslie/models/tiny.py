"""Models of two layers that are really models: a Llama whose head is its embedding, a Mistral, and LoRA adapters."""

from pathlib import Path
from typing import TYPE_CHECKING

from caslie.records import write_scores, write_training
from caslie.schema import Lora, Revision, Score, Scores, Training

if TYPE_CHECKING:
    from peft import PeftModel
    from torch import Tensor
    from transformers import PreTrainedModel, PreTrainedTokenizerFast

PROJECTIONS = ("q_proj", "k_proj", "v_proj", "o_proj", "gate_proj", "up_proj", "down_proj", "lm_head")
SHAPE = {
    "vocab_size": 300,
    "hidden_size": 32,
    "intermediate_size": 64,
    "num_hidden_layers": 2,
    "num_attention_heads": 4,
    "num_key_value_heads": 2,
    "max_position_embeddings": 512,
    "bos_token_id": 0,
    "eos_token_id": 1,
    "pad_token_id": 2,
}
WORDS = ["Will it fit the iPhone 8?", "Answer yes or no.", "### Response:", "A black leather case for the phone."]
CHAT = (
    "{% for message in messages %}{{ bos_token }}{{ message['role'] }}: {{ message['content'] }}{{ eos_token }}"
    "{% endfor %}{% if add_generation_prompt %}{{ bos_token }}assistant: {% endif %}"
)

PROMPT = """### Instruction:
{{ instruction }}

### Input:
{{ input }}

### Response:
"""
DATASET = Revision("alice/mmecinstruct", "0123456789abcdef0123456789abcdef01234567")
SCORES = Scores(
    dataset=DATASET,
    method="percentile bootstrap over rows, 10,000 draws, seed 1",
    results=(
        Score("sequential_recommendation", "sr_ood", "test", "recall@1", 0.2232446, 0.1974, 0.2495, 1000, 3),
        Score("answerability_prediction", "ap_ind", "test", "f1", 0.8914, 0.873, 0.90871, 900, 0),
    ),
)


def llama() -> "PreTrainedModel":
    """Make a Llama with a tied head, as 3.2-1B and 3B have it."""
    import torch
    from transformers import LlamaConfig, LlamaForCausalLM

    torch.manual_seed(1)
    return LlamaForCausalLM(LlamaConfig(**SHAPE, tie_word_embeddings=True)).eval()


def mistral() -> "PreTrainedModel":
    """Make a Mistral with a head of its own."""
    import torch
    from transformers import MistralConfig, MistralForCausalLM

    torch.manual_seed(2)
    return MistralForCausalLM(MistralConfig(**SHAPE, tie_word_embeddings=False)).eval()


def tokenizer() -> "PreTrainedTokenizerFast":
    """Train a byte-level BPE on a few words."""
    from tokenizers import ByteLevelBPETokenizer
    from transformers import PreTrainedTokenizerFast

    trained = ByteLevelBPETokenizer()
    trained.train_from_iterator(WORDS, vocab_size=300, special_tokens=["<s>", "</s>", "<pad>"], show_progress=False)
    return PreTrainedTokenizerFast(
        tokenizer_object=trained._tokenizer,
        bos_token="<s>",
        eos_token="</s>",
        pad_token="<pad>",
        chat_template=CHAT,
    )


def lora(base: "PreTrainedModel", seed: int = 3) -> "PeftModel":
    """Put an adapter on a base, on every projection and the head; its numbers are drawn, so that it does something."""
    import torch
    from peft import LoraConfig, get_peft_model

    torch.manual_seed(seed)
    config = LoraConfig(
        r=16, lora_alpha=16, target_modules=list(PROJECTIONS), init_lora_weights=False, task_type="CAUSAL_LM"
    )
    return get_peft_model(base, config).eval()


def logits(model: "PreTrainedModel | PeftModel") -> "Tensor":
    """What a model says to sixteen fixed tokens."""
    import torch

    with torch.inference_mode():
        found: Tensor = model.eval()(input_ids=torch.arange(3, 19)[None]).logits
    return found


def same(model: "PreTrainedModel | PeftModel", other: "PreTrainedModel | PeftModel") -> bool:
    """Tell whether two models say the same."""
    return bool(logits(model).equal(logits(other)))


def write_adapter(folder: Path, base: str, base_revision: str) -> None:
    """Write what training and evaluation leave: an adapter for a base on a Hub, its records, and PEFT's own card."""
    from transformers import AutoModelForCausalLM

    model = lora(AutoModelForCausalLM.from_pretrained(base, revision=base_revision))
    model.peft_config["default"].revision = base_revision
    # Else peft adds the base's own head to the adapter, since the adapter tunes it.
    model.save_pretrained(folder, save_embedding_layers=False)
    tokenizer().save_pretrained(folder)
    (folder / "prompt.jinja").write_text(PROMPT)
    (folder / "recipe.yaml").write_text("name: caslie-pocket\n")
    (folder / "optimizer.pt").write_bytes(b"not to be published")
    write_training(folder, _training(base, base_revision))
    write_scores(folder, SCORES)


def _training(base: str, base_revision: str) -> Training:
    return Training(
        base_model=base,
        base_revision=base_revision,
        dataset=DATASET,
        configs=("sr_ood",),
        recipe="caslie-pocket",
        variant="caslie",
        hyperparameters={"learning_rate": 1e-4, "lr_scheduler_type": "cosine", "max_steps": 2, "bf16": False},
        lora=Lora(r=16, alpha=16, targets=PROJECTIONS),
        rows=560,
        best_epoch=2.0,
        validation_loss=0.31847,
        libraries={"peft": "0.21.2", "torch": "2.13.0"},
    )
