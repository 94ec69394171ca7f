"""Text of strangers, made fit to stand on a page: no mark that turns or hides what is beside it."""

import unicodedata

LONGEST = 2_000
LARGEST = 1 << 64
MOST_WORDS = 1_000  # of one list, which a few letters of YAML can name again and again

# They turn the words around them, so that a title could show another name than it has.
_TURNS = frozenset("\u061c\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")


def still(text: str) -> str:
    """The text with a visible mark for every character that a browser would obey and nobody could see."""
    return text if text.isascii() and text.isprintable() else "".join("\ufffd" if _obeyed(c) else c for c in text)


def short(text: str, n: int = LONGEST) -> str:
    """The text, or its start and how much there is."""
    return text if len(text) <= n else f"{text[:n]} … ({len(text):,} characters)"


def words(value: object) -> tuple[str, ...]:
    """What YAML holds as a word or a list of words; anything else in it is no word."""
    several = value[:MOST_WORDS] if isinstance(value, list) else [value]
    return tuple(short(str(one), 200) for one in several if _is_word(one))


def _is_word(value: object) -> bool:
    # Python refuses to print a whole number of very many digits, which YAML may hold.
    return abs(value) < LARGEST if isinstance(value, int) else isinstance(value, str | float)


def _obeyed(character: str) -> bool:
    return character in _TURNS or (unicodedata.category(character) in ("Cc", "Cs") and character not in "\n\t\r")
