"""Tokenizers for the pocket models: a byte-level BPE, the special tokens and the chat template of a real family."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from transformers import PreTrainedTokenizerFast

CHAT_TEMPLATES = Path(__file__).parent / "chat_templates"


@dataclass(frozen=True, slots=True)
class Speech:
    """How a family speaks: its special tokens, those of its chat template among them, and that template's name."""

    template: str
    bos: str
    eos: str
    pad: str
    more: tuple[str, ...] = ()

    def chat_template(self) -> str:
        """The template's text."""
        return (CHAT_TEMPLATES / f"{self.template}.jinja").read_text(encoding="utf-8")


LLAMA_2 = Speech("llama2", "<s>", "</s>", "<pad>", ("[INST]", "[/INST]"))
_HEADERS = ("<|start_header_id|>", "<|end_header_id|>")
LLAMA_3 = Speech("llama3.2", "<|begin_of_text|>", "<|eot_id|>", "<|finetune_right_pad_id|>", _HEADERS)
LLAMA_3_VISION = Speech(
    "llama3.2_vision", "<|begin_of_text|>", "<|eot_id|>", "<|finetune_right_pad_id|>", (*_HEADERS, "<|image|>")
)
MISTRAL = Speech("mistral", "<s>", "</s>", "<pad>", ("[INST]", "[/INST]"))
PHI_3 = Speech("phi3", "<s>", "<|end|>", "<|endoftext|>", ("<|system|>", "<|user|>", "<|assistant|>"))
QWEN = Speech("qwen2.5", "<|endoftext|>", "<|im_end|>", "<|endoftext|>", ("<|im_start|>",))
LLAVA = Speech("llava", "<s>", "</s>", "<pad>", ("<image>",))
LLAVA_NEXT = Speech("llava_next_mistral", "<s>", "</s>", "<pad>", ("[INST]", "[/INST]", "<image>"))


def train_tokenizer(
    texts: Iterable[str], speech: Speech, phrases: Sequence[str] = (), vocabulary: int = 1000
) -> "PreTrainedTokenizerFast":
    """Train a byte-level BPE on the texts.

    Each of the `phrases` becomes one token: the text stays word for word, but a million parameters need not learn to
    read an instruction that never changes. That is a shortcut which no large model takes.
    """
    from tokenizers import AddedToken, ByteLevelBPETokenizer
    from transformers import PreTrainedTokenizerFast

    special = list(dict.fromkeys([speech.bos, speech.eos, speech.pad, *speech.more]))
    trained = ByteLevelBPETokenizer()
    trained.train_from_iterator(texts, vocab_size=vocabulary, special_tokens=special, show_progress=False)
    tokenizer = PreTrainedTokenizerFast(
        tokenizer_object=trained._tokenizer,
        bos_token=speech.bos,
        eos_token=speech.eos,
        pad_token=speech.pad,
        additional_special_tokens=list(speech.more),
        chat_template=speech.chat_template(),
        padding_side="left",
    )
    tokenizer.add_tokens([AddedToken(phrase, normalized=False) for phrase in phrases])
    return tokenizer
