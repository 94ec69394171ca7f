r"""What a model says, as a keyboard has it, once its thinking, markup and typesetting are taken off.

Full-width letters become plain ones, signs of other keyboards theirs (a Roman numeral stays what it is), and what
cannot be seen goes. Then, in this order, these are taken off:

    <think>A or C?</think>       with all before it; where one never ends, nothing is said
    <|im_end|>, </s>, [INST]     marks between turns, each a new line
    <b>, <p>                     HTML, the tags of blocks a new line each
    <answer>B</answer>           becomes the line `Answer: B`, as do <option> and other words for it
    $\boxed{\text{B}}$           becomes that line too
    ```json ... ```              a fence around all of it, closed or not
    **...**, > ..., # ...        emphasis, quotation and headings around all of it
"""

import re
import unicodedata
from functools import lru_cache

THOUGHT = re.compile(r"<(/?)think(?:ing)?>", re.IGNORECASE)
TURN = re.compile(r"<\|[^<>|\n]{1,40}\|>|</?s>|\[/?INST\]")
BLOCK = re.compile(r"</?(?:p|div|pre|ul|ol|li|h[1-6])>|<br ?/?>")
INLINE = re.compile(r"</?(?:a|b|i|q|u|em|strong|code|span)(?: [^<>\n]{0,200})?>")
TAG = re.compile(
    r"<(/?)(?:final[_ ])?(?:answer|response|output|label|choice|option|prediction|result)>", re.IGNORECASE
)
BOXED = re.compile(
    r"(?:\$+|\\[\[(])?\s?\\boxed\{(?:\\(?:text|textbf|mathrm|mathbf)\{([^{}]*)\}|([^{}]*))\}\s?(?:\$+|\\[\])])?"
)
FENCE = re.compile(r"\s*```\w*\s(.*?)(?:```\s*)?", re.DOTALL)
IN_FRONT, BEHIND = " \t\r\n*_`#>-", " \t\r\n*_`"

TYPED = dict(
    zip("\u2018\u2019\u201a\u201c\u201d\u201e\u00ab\u00bb\u300c\u300d\u300e\u300f", "'''" + '"' * 9, strict=True)
)
TYPED |= dict.fromkeys("\u2013\u2014\u2022\u25cf\u25aa", "-")
TYPED |= {"\u2192": "->", "\u3001": ",", "\u3002": ".", "\u3010": "[", "\u3011": "]"}
OF_THEIR_OWN = "\u00aa\u00ba\u2116"  # the feminine ordinal is no A, the masculine no O, and the numero sign no "No"


def spoken(raw: str) -> str | None:
    """What is said after the thinking; None where that never ends."""
    said = _after_thought(typed(raw))
    if said is None:
        return None
    said = INLINE.sub("", BLOCK.sub("\n", TURN.sub("\n", said)))
    said = TAG.sub(lambda mark: "\n" if mark[1] else "\nAnswer: ", said)
    said = BOXED.sub(lambda box: f"\nAnswer: {box[1] or box[2] or ''}\n", said)
    fenced = FENCE.fullmatch(said)
    return (fenced[1] if fenced else said).lstrip(IN_FRONT).rstrip(BEHIND)


def typed(text: str) -> str:
    """Write a text with a keyboard's signs, each on its own: what joins several could take its time."""
    return "".join(map(_typed, text))


@lru_cache(maxsize=4096)
def _typed(sign: str) -> str:
    kind = unicodedata.category(sign)
    if sign.isspace():
        return sign if sign in " \t\r\n" else "\n" if kind in ("Zl", "Zp") else " "
    if kind in ("Cf", "Cc"):
        return ""
    if kind == "Nl" or sign in OF_THEIR_OWN:
        return sign
    return TYPED.get(sign) or unicodedata.normalize("NFKC", sign)


def _after_thought(said: str) -> str | None:
    """What stands behind the last thought; one that goes on at the end, or around another, never ends."""
    depth = end = 0
    for mark in THOUGHT.finditer(said):
        depth = max(0, depth - 1) if mark[1] else depth + 1
        end = mark.end()
    return None if depth else said[end:]
