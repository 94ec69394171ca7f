r"""Reads what a model wrote as one of the answers that its sample allows, or as none; a guess is no answer.

What is written after a closed `<think>...</think>` is read, and is an answer in these forms:

    ANSWER                     alone, in any case: `b`, `(B)`, `**B**`, `"B."`, `- yes!`, `B B B`
    TEXT                       the whole text of one option, in any case
    LETTER SIGN TEXT           `B: Positive`, `(B) Positive`: the text must be that option's, or how it begins, or go
                               on after a sign, since answers are cut short and options are shown with captions
    LETTER STOP explanation    the stop is `.`, `,`, `;` or `!` before a space, or a new line: `B. It says so.`
    ANSWER because ...         or since, as
    yes|no SIGN explanation    any sign or a new line: `Yes, it is answerable`
    LEAD any of these          anywhere: `Answer: D`, `The answer is (B).`, `Option B`, `I choose B`,
                               `<answer>B</answer>`, `\boxed{B}`
    JSON                       `{"answer": "B"}`, in a code fence or not; its other keys are not read

No answer is what names another one as well: a second capital letter on its own that is an option (`B or C`, but not
the article in `A black case`), the text of another option (`B: Very positive` where that is A), both yes and no (but
not where something has no part: `Yes, there is no strap`). Nor is a letter within a sentence (`A good product`; an I
before a stop or a reason is the writer: `I, personally, ...`), the key of an object that was cut short
(`{"a": {"a":`), a think block that never ends, or nothing.
"""

import json
import re
import unicodedata
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from functools import cached_property

THOUGHT = re.compile(r"<(/?)think(?:ing)?>", re.IGNORECASE)
FENCE = re.compile(r"\s*```\w*\s(.*?)```\s*", re.DOTALL)
TAG = re.compile(r"<(/?)(?:final_)?(?:answer|response|output|label)>", re.IGNORECASE)
BOXED = re.compile(r"\\boxed\{([^{}]*)\}")
# As a keyboard has them: quotes, dashes, bullets.
SIMPLE = str.maketrans("\u2018\u2019\u201c\u201d\u00ab\u00bb\u2013\u2014\u2022", '\'\'""""---')
AROUND = " \t\r\n\"'`()[]{}<>*_#.,:;!"  # quotes, brackets, markdown, stops
BEFORE = AROUND + "->"
FIRST = re.compile(rf"[{re.escape(BEFORE)}]*([^\W_]+)(?!['-]?\w)")
SIGNS = re.compile(r"[\W_]*")
STOPS = frozenset(".,;!")
WRITTEN = " \t\r\n.,;!-"  # what may follow a word in a sentence; `I)` and `**I**` are none
REASON = re.compile(r"(because|since|as)\b", re.IGNORECASE)
REACH = 1000  # characters that are read after a lead
LINK = r"[\s\"'`*_(\[<>#:=-]*"
LEAD = re.compile(
    rf"\b(?:answer|response|choice|option|label|letter|output|prediction|result|choose|select|pick)\b{LINK}"
    rf"(?:(?:is|would be|should be|will be|must be)\b{LINK})?"
    rf"(?:(?:option|choice|letter|answer)\b{LINK})?",
    re.IGNORECASE,
)
LETTER = re.compile(r"(?<![\w'])([A-Z])(?!'?\w)")
QUOTED = re.compile(r"[(\[\"'*`]([A-Za-z])[)\]\"'*`]")
# An object that was cut short, up to the sign behind its first key.
OBJECT = re.compile(r"[^\w{]*+\{[^\w]*+\w++(?:[\"']\s*+:|\s*+:\s*+(?:\{|\Z))")
# "There is no strap" answers nothing, and "the answer is no" does.
LACKS = re.compile(
    r"\b(?:there (?:is|are|was|were)|has|have|had|with)\s+no\s+(?!(?:because|since|as)\b)(?=\w)", re.IGNORECASE
)
ARTICLE = re.compile(r"[AI] [a-z]")
WORD = re.compile(r"[^\W_]+")
KEYS = frozenset({"answer", "response", "label", "output", "choice", "option", "prediction", "result"})


def parse(raw: str, answers: Sequence[str], options: Sequence[str] = ()) -> str | None:
    """Read an answer; `options` are the sample's lettered lines, as the dataset has them."""
    said = _spoken(_simple(raw))
    if not said:
        return None
    return _Sample(tuple(answers), tuple(options)).read(said)


def authors(raw: str, gold_labels: Collection[str]) -> str | None:
    """Read an answer as the authors' code does: `gold_labels` are those that occur in the test set.

    Where there is a colon, only the first character counts, so that `Answer: D` is A.
    """
    said = raw.strip()
    said = said[:1] if ":" in said else said
    return said if said in gold_labels else None


def _spoken(raw: str) -> str | None:
    """What is said after the thinking; None where that never ends."""
    said, marks = raw, list(THOUGHT.finditer(raw))
    if marks:
        if not marks[-1][1]:
            return None
        said = raw[marks[-1].end() :]
    said = TAG.sub(lambda mark: "\n" if mark[1] else "\nAnswer: ", said)
    said = BOXED.sub(r"\nAnswer: \1\n", said)
    fenced = FENCE.fullmatch(said)
    return (fenced[1] if fenced else said).strip()


@dataclass(frozen=True)
class _Sample:
    answers: tuple[str, ...]
    options: tuple[str, ...]

    @cached_property
    def lettered(self) -> bool:
        """Whether the answers are letters, which also occur as words, and not words of their own."""
        return all(len(answer) == 1 for answer in self.answers)

    @cached_property
    def by_name(self) -> dict[str, str]:
        return {answer.casefold(): answer for answer in self.answers}

    @cached_property
    def texts(self) -> dict[str, str]:
        lines = (line.partition(":") for line in self.options)
        named = {letter.strip(): _plain(_simple(text)) for letter, _, text in lines}
        return {letter: text for letter, text in named.items() if text and letter in self.answers}

    def read(self, said: str) -> str | None:
        if said.startswith("{") and (values := _json_values(said)) is not None:
            found = {self.read(value) for value in values if not value.startswith("{")}
            return found.pop() if len(found) == 1 else None
        if OBJECT.match(said):
            return self._led(said)
        alone, meant = self._alone(said), self._of_text(said)
        if alone or meant:
            found = {*meant, *([alone] if alone else [])}
            return found.pop() if len(found) == 1 else None
        return self._first(said) or self._led(said)

    def _alone(self, said: str) -> str | None:
        words = {word.casefold() for word in WORD.findall(said)}
        if len(words) != 1 or WORD.sub("", said).strip(BEFORE):
            return None
        return self.by_name.get(words.pop())

    def _of_text(self, said: str) -> set[str]:
        """The options whose text this is, to the end or the end of the first line."""
        line, _, rest = said.strip().partition("\n")
        found = {letter for letter, text in self.texts.items() if text in (_plain(said), _plain(line))}
        return found if all(not self._others(letter, rest) for letter in found) else set()

    def _first(self, said: str) -> str | None:
        """An answer that comes first, with a sign behind it."""
        match = FIRST.match(said)
        answer = self.by_name.get(match[1].casefold()) if match else None
        if match is None or answer is None:
            return None
        signs = SIGNS.match(said, match.end())
        tail = said[signs.end() :] if signs else ""
        sign = signs[0] if signs else ""
        if not tail:
            return None if sign.strip(BEFORE) else answer
        if not self.lettered:
            is_number = sign.startswith(".") and tail[0].isdigit()  # "No. 5"
            fits = not is_number and (bool(sign.strip()) or "\n" in sign or bool(REASON.match(tail)))
            return answer if fits and not self._others(answer, tail) else None
        return answer if self._goes_on(answer, match[1].isupper(), sign, tail) else None

    def _goes_on(self, letter: str, is_capital: bool, sign: str, tail: str) -> bool:
        """Whether what follows a letter leaves it an answer."""
        exact = self._of_text(tail)
        if exact:
            return letter in exact
        said = _plain(tail)
        if self.texts.get(letter, "").startswith(said):
            return bool(sign.strip())  # cut short
        begun = [one for one, text in self.texts.items() if _begins(said, text)]
        if begun:
            longest = max(len(self.texts[one]) for one in begun)
            rest = self._rest(letter, tail) if letter in begun and len(self.texts[letter]) == longest else None
            return rest is not None and bool(sign.strip()) and not self._others(letter, rest)
        is_word = letter == "I" and not sign.strip(WRITTEN)
        stops = is_capital and not is_word and not STOPS.isdisjoint(sign) and any(map(str.isspace, sign))
        explains = (("\n" in sign or stops) and ":" not in sign) or (not is_word and bool(REASON.match(tail)))
        return explains and not self._others(letter, tail)

    def _rest(self, letter: str, tail: str) -> str | None:
        """What stands after a sign behind the text of an option; None where the text goes on without one."""
        rest = " ".join(tail.split()).lstrip(AROUND)[len(self.texts[letter]) :]
        return None if rest.lstrip()[:1].isalnum() else rest

    def _led(self, said: str) -> str | None:
        """The answer that all leads agree on."""
        found = set()
        for lead in LEAD.finditer(said):
            rest = said[lead.end() : lead.end() + REACH]
            if OBJECT.match(rest):
                continue
            meant = self._of_text(rest)
            answer = self._alone(rest) or (meant.pop() if len(meant) == 1 else None) or self._first(rest)
            if answer and self._others(answer, said[: lead.start()]):
                return None
            found.add(answer)
        found -= {None}
        return found.pop() if len(found) == 1 else None

    def _others(self, answer: str, text: str) -> bool:
        """Whether a text names another answer."""
        if not self.lettered:
            named = {self.by_name.get(word.casefold()) for word in WORD.findall(LACKS.sub(" ", text))}
            return bool(named - {answer, None})
        capitals = {match[1] for match in LETTER.finditer(text) if not ARTICLE.match(text, match.start())}
        quoted = {letter.upper() for letter in QUOTED.findall(text)}
        return bool((capitals | quoted) & set(self.answers) - {answer})


def _begins(said: str, text: str) -> bool:
    return said.startswith(text) and not said[len(text) :][:1].isalnum()


def _simple(text: str) -> str:
    return unicodedata.normalize("NFKC", text).translate(SIMPLE)


def _plain(text: str) -> str:
    return " ".join(text.split()).strip(AROUND).lower()


def _json_values(said: str) -> list[str] | None:
    """The values of an object that say the answer; None where this is no object."""
    try:
        pairs: object = json.loads(said, object_pairs_hook=list)
    except (ValueError, RecursionError):
        return None
    if not isinstance(pairs, list):
        return None
    named = [value for key, value in pairs if key.casefold() in KEYS] or [value for _, value in pairs[:2]]
    single = [value[0] if isinstance(value, list) and len(value) == 1 else value for value in named]
    return [value if isinstance(value, str) else "" for value in single]
