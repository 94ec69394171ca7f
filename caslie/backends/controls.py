"""Control tokens inside a question, broken so that no tokenizer reads them as commands."""

import re

# What marks a role although it is plain text to the tokenizer: Llama 2's and Mistral's.
BRACKETS = ("[INST]", "[/INST]", "<<SYS>>", "<</SYS>>")
# What the tokenizers of the usual families call special, for servers whose own tokenizer is out of reach.
_USUAL = re.compile(
    r"<[|\uff5c][^<>\s]{1,60}[|\uff5c]>|</?(?:s|pad|unk|bos|eos|image|video|audio|start_of_turn|end_of_turn|think|tool_call)>"
    r"|\[/?INST\]|<</?SYS>>|\[(?:IMG|IMG_BREAK|IMG_END|/?AVAILABLE_TOOLS|/?TOOL_RESULTS|TOOL_CALLS)\]"
)


def broken(found: re.Match[str]) -> str:
    """A control token with a space after its first character."""
    return f"{found[0][0]} {found[0][1:]}"


def neutral(text: str) -> str:
    """Break every control token of the usual families."""
    return _USUAL.sub(broken, text)
