"""Which of a sample's answers a text names: by a letter, a word or an option's text."""

import re
from dataclasses import dataclass
from functools import cached_property

from caslie.inference.spoken import typed

AROUND = " \t\r\n\"'`()[]{}<>*_#.,:;!"  # quotes, brackets, markdown, stops
SIGN = AROUND + "-"
FRONT = SIGN.replace("!", "")  # `!B` is not B
SMILEY = r"(?:(?<=[:;])|(?<=[:;]['-]))[A-Za-z]\b"  # `:D` is not D, and `: D` is
FIRST = re.compile(rf"[{re.escape(FRONT)}]*(?!{SMILEY})([^\W_]+)(?!['-]?\w)")
WORD = re.compile(r"[^\W_]+")
# "There is no strap" answers nothing, and "the answer is no" does.
LACKS = re.compile(
    r"\b(?:there (?:is|are|was|were)|has|have|had|with)\s+no\s+(?!(?:because|since|as)\b)(?=\w)", re.IGNORECASE
)
# An article stands before a consonant, a writer before a verb; `A is`, `A because` and `I or K` have neither.
ARTICLE = re.compile(
    r"[Aa] (?!(?:but|nor|was|seems|looks|fits|because|since|would|could|might|may|can|should|too|than|vs|versus)\b)"
    r"(?:[b-df-hj-np-z]|u[ns]|eu|one\b)|[Ii] (?!(?:and|or|nor|is|isn't|vs)\b)[a-z]"
)
CAPITAL = re.compile(r"(?<![\w'])([A-Z])(?!'?\w)")
QUOTED = re.compile(r"[(\[\"'*`]([A-Za-z])[)\]\"'*`]")
NUMBERED = re.compile(r"(?<![\w'])([A-Za-z])\)")
LISTED = re.compile(r"(?<![\w'])([A-Za-z]),?[ \t](?:and|or|nor|vs)\b")
LISTED_LAST = re.compile(r"\b(?:and|or|nor|vs)[ \t]([A-Za-z])(?!['-]?\w| [a-z])")
# At the beginning of a text, and of a line before a sign or as all of it.
BEGINS = re.compile(r"[\W_]*([A-Za-z])(?!['-]?\w)")
BEGINS_LINE = re.compile(
    rf"^[{re.escape(FRONT.replace(chr(10), '').replace(chr(13), ''))}]*([A-Za-z])(?:[^\w\s'-]+(?=\s|\Z)|[ \t]*$)",
    re.MULTILINE,
)


@dataclass(frozen=True)
class Sample:
    """What a sample allows as its answer, with the lettered lines of its options."""

    answers: tuple[str, ...]
    options: tuple[str, ...]

    @cached_property
    def lettered(self) -> bool:
        """Whether the answers are letters, which also occur as words, and not words of their own."""
        return all(len(answer) == 1 for answer in self.answers)

    @cached_property
    def by_name(self) -> dict[str, str]:
        """The answers by what they are called in any case."""
        return {answer.casefold(): answer for answer in self.answers}

    @cached_property
    def texts(self) -> dict[str, str]:
        """The texts of the options, by letter."""
        lines = (line.partition(":") for line in self.options)
        named = {letter.strip(): plain(typed(text)) for letter, _, text in lines}
        return {letter: text for letter, text in named.items() if text and letter in self.answers}

    @cached_property
    def letters(self) -> dict[str, set[str]]:
        """The options that a text is of."""
        return {text: {one for one, other in self.texts.items() if other == text} for text in self.texts.values()}

    def alone(self, said: str) -> str | None:
        """The answer that is all that is said."""
        words = {word.casefold() for word in WORD.findall(said)}
        if len(words) != 1 or WORD.sub("", said).strip(SIGN) or not FIRST.match(said):
            return None
        return self.by_name.get(words.pop())

    def of_text(self, said: str) -> set[str]:
        """The options whose text this is, to the end or the end of the first line."""
        line, _, rest = said.strip().partition("\n")
        found = self.letters.get(plain(said), set()) | self.letters.get(plain(line), set())
        return set() if any(self.others(letter, rest) for letter in found) else found

    def begun(self, said: str) -> set[str]:
        """The options with the longest text that something begins with."""
        line = plain(said)
        texts = [text for text in self.letters if line.startswith(text) and not line[len(text) :][:1].isalnum()]
        return self.letters[max(texts, key=len)] if texts else set()

    def cut_short(self, said: str) -> set[str]:
        """The options whose text begins as this does, which ends sooner."""
        cut = plain(said)
        return {letter for letter, text in self.texts.items() if cut and text.startswith(cut)}

    def first(self, said: str) -> set[str]:
        """What is named first, as a letter, a word or a text, whatever is said of it."""
        match = FIRST.match(said)
        answer = self.by_name.get(match[1].casefold()) if match and not ARTICLE.match(said, match.start(1)) else None
        return {answer} if answer else self.begun(said)

    def others(self, answer: str, text: str) -> bool:
        """Whether a text names another answer."""
        if not self.lettered:
            named = {self.by_name.get(word.casefold()) for word in WORD.findall(LACKS.sub(" ", text))}
            return bool(named - {answer, None})
        capitals = {match[1] for match in CAPITAL.finditer(text) if not ARTICLE.match(text, match.start())}
        marked = {letter.upper() for form in (QUOTED, NUMBERED, LISTED, LISTED_LAST) for letter in form.findall(text)}
        begun = {letter.upper() for letter in BEGINS_LINE.findall(text)}
        first = BEGINS.match(text)
        if first and not ARTICLE.match(text, first.start(1)):
            begun.add(first[1].upper())
        # Two letters are two answers, even where no option has one of them.
        named = (capitals | marked) & set(self.answers) | begun
        return bool(named - {answer}) or self._other_text(answer, text)

    def _other_text(self, answer: str, text: str) -> bool:
        """Whether a line is the text of another option, or the first begins with it."""
        lines = [plain(line) for line in text.split("\n")]
        begun = self.begun(lines[0].lstrip("/=|&"))
        return any(
            answer not in named for named in (begun or {answer}, *(self.letters.get(one, {answer}) for one in lines))
        )


def plain(text: str) -> str:
    """A text as it is compared: without case, the signs around it, or how its words are spaced."""
    return " ".join(text.split()).strip(SIGN).lower()
