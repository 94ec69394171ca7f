"""Control tokens inside a question, broken so that no tokenizer reads them as commands."""

import re

# What marks a role although it is plain text to the tokenizer: Llama 2's and Mistral's.
BRACKETS = ("[INST]", "[/INST]", "<<SYS>>", "<</SYS>>")
# What may be special to a server's tokenizer, which is out of reach: any word in angle brackets, capitals in square
# ones, and the roles that LLaVA-1.5's template writes. One space more does a harmless "size <Large>" no harm.
_USUAL = re.compile(
    r"<[|/\uff5c<]{0,2}[A-Za-z][^<>\s]{0,60}>|\[/?(?=[A-Za-z_]*[A-Z])[A-Za-z_]{2,30}\]|(?:USER|ASSISTANT|SYSTEM):"
)


def broken(found: re.Match[str]) -> str:
    """A control token with a space after its first character."""
    return f"{found[0][0]} {found[0][1:]}"


def neutral(text: str) -> str:
    """Break whatever may be a control token, those within others too."""
    while (told := _USUAL.sub(broken, text)) != text:
        text = told
    return text
