"""Cleaning of the corpora's text: entities, markup, control characters and runs of white space."""

import html
import re
import unicodedata
from collections.abc import Sequence
from functools import cache, lru_cache
from typing import Any

# Only what HTML knows is markup: "size <Large>" is a size. Also used in SQL, so it is plain.
TAG = (
    "(?i:</?(?:a|b|i|u|s|p|br|hr|em|strong|small|big|sub|sup|span|div|font|center|ul|ol|li|dl|dt|dd|table|thead|tbody"
    "|tr|td|th|img|video|input|iframe|script|style|h[1-6]|blockquote|pre|code|strike|del|ins|html|head|body|section)"
    "(?:[ \\t\\r\\n/][^<>]*)?>)"
)
# A comment holds no other, or a text of nothing but `<!--` would take the square of its length.
_MARKUP = re.compile(rf"{TAG}|<!--(?:(?!<!--).)*?-->")
_UNPRINTABLE = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\u200b\ufeff\ufffe\uffff\ud800-\udfff]")


@lru_cache(maxsize=8192)  # SR shows the same titles again and again
def clean(text: str | None) -> str:
    """One line of plain text. Entities are read twice, since the corpora hold `&amp;#34;`."""
    plain = html.unescape(html.unescape(text or ""))
    return " ".join(_UNPRINTABLE.sub("", _MARKUP.sub(" ", plain)).split())


def fold(text: str) -> str:
    """Text in ASCII, as the predecessor's data has it.

    "NFKD then ASCII with errors ignored" (protocol, PSI step 6).
    """
    folded = unicodedata.normalize("NFKD", text).encode("ascii", "ignore").decode()
    return " ".join(folded.split())


def is_english(text: str) -> bool:
    """Tell whether a query or a title is English; text without letters is.

    Two words are hard to tell, so foreign is only what the detector is rather sure of. Of 200 real US queries it
    refuses one ("san diego padres jersey"), of their titles none; of 20 short Spanish, French and German queries it
    lets five pass.
    """
    letters = [letter for letter in text if letter.isalpha()]
    if not letters:
        return True
    if sum(letter.isascii() for letter in letters) < 0.5 * len(letters):
        return False
    language, confidence = _identifier().classify(text.lower())
    return bool(language == "en" or confidence < 0.7)


def shortened(texts: Sequence[str | None]) -> list[str]:
    """Cleaned texts, without those that have nothing left."""
    return [text for text in map(clean, texts) if text]


@cache
def _identifier() -> Any:
    """The detector, among the languages of the US store's foreign queries and titles."""
    from py3langid.langid import MODEL_FILE, LanguageIdentifier

    identifier = LanguageIdentifier.from_model_file(MODEL_FILE, norm_probs=True)
    identifier.set_languages(["en", "es", "fr", "de", "it", "pt", "zh", "ja"])
    return identifier
