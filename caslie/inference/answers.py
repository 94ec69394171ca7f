r"""Reads what a model wrote as one of the answers that its sample allows, or as none; a guess is no answer.

What `caslie.inference.spoken` leaves of it is read, and is an answer in these forms:

    ANSWER                     alone, in any case: `b`, `(B)`, `**B**`, `"B."`, `- yes!`, `B B B`
    TEXT                       the whole text of one option, in any case
    LETTER SIGN TEXT           `B: Positive`, `(B) Positive`: the text must be that option's, or how it begins, or go
                               on after a sign, since answers are cut short and options are shown with captions;
                               a blank is enough of a sign before a whole text
    LETTER STOP explanation    the stop is `.`, `,`, `;` or `!` before a space, or a new line: `B. It says so.`
    ANSWER because ...         or since, as
    yes|no SIGN explanation    `Yes, it is answerable`
    LEAD any of these          anywhere: `Answer: D`, `The answer is (B).`, `Option B`, `I choose B`,
                               `<answer>B</answer>`, `\boxed{B}`, `{"answer": "B"`
    JSON                       `{"answer": "B"}`, or `final_answer`, `label` and so on; its other keys are not read

A sign is a stop, a quote, a bracket, a dash, markdown or a new line, and `=` and `|` too; `?`, `/` and emoji are none.

No answer is

- what names another one as well: a second letter on its own (`B or C`, `B, c`, but not the article in `A black case`
  or the writer in `I think`), the text of another option (`B: Very positive` where that is A, `Positive, negative`) or
  how it begins (`B. Very`), another lead, both yes and no (but not where something has no part: `Yes, there is no
  strap`), or a choice beside it (`B as well as`, `B as second choice`);
- what is taken back, at once or later, or asked: `B, not really`, `B. Wait`, `B. It says so. That's wrong.`, `Yes, if
  it is dry`, `B. Why so?`; a no may go on with not;
- what goes on with a refusal: `B. None of the above`, `B. I don't know`; a no may go on with what nobody knows;
- what a denied lead leads to (`I would not choose B`, `The wrong answer is B`, `Avoid option B`, `Anything but option
  B`, `If the answer is B, it is blue`), or the words of a prompt (`Only output the letter B`);
- a letter within a sentence (`A good product`; an I before a stop or a reason is the writer: `I, personally, ...`), a
  letter beyond the options, a number (`No. 5`), a smiley (`:D`), the key of an object that was cut short
  (`{"a": {"a":`), a text with more than a hundred leads, or nothing.
"""

import json
import re
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from itertools import islice

from caslie.inference.naming import AROUND, FIRST, SIGN, Sample, plain
from caslie.inference.spoken import spoken

SIGNS = re.compile(r"[\W_]*")
STOPS = frozenset(".,;!")
WRITTEN = " \t\r\n.,;!-"  # what may follow a word in a sentence; `I)` and `**I**` are none
REASON = re.compile(r"(because|since|as)\b", re.IGNORECASE)
REACH = 1000  # characters that are read after a lead
MOST_LEADS = 100
LINK = r"[\s\"'`*_(\[<>#:=-]*"
LEAD = re.compile(
    r"(?<![^\W_])(?:answer|response|choice|option|label|letter|output|prediction|result|choose|select|pick)(?![^\W_])"
    rf"{LINK}(?:(?:is|would be|should be|will be|must be)\b{LINK})?"
    rf"(?:(?:option|choice|letter|answer)\b{LINK})?",
    re.IGNORECASE,
)
CLAUSE = re.compile(r"[.!?;\n]|\b(?:so|thus|therefore|hence|(?<!thing )(?<!\ball )but)\b", re.IGNORECASE)
# The only `but` within a clause is that of `anything but`.
DENIED = re.compile(
    r"(?:n't|(?<![^\W_])(?:not|never|cannot|neither|nor|wrong|incorrect|false|worst|least|unlikely|hardly|doubt|if|"
    r"whether|unless|unclear|refuse|unable|instead|rather|except|but|besides|opposite|nobody|no one|other than|"
    r"(?:exclud|reject|eliminat|dismiss|discard|avoid|skip|ignor|disagree|rul(?:e|ed|ing) out)\w*))(?![^\W_])"
    r"|(?:\b(?:no|another|other|second|alternative)|\A\W*only)\W*\Z"
    r"|\boutput (?:only|just|the)\b|\b(?:only|just) (?:output|respond|reply)\b",  # as prompts have it
    re.IGNORECASE,
)
# These three begin what follows an answer, and the fourth may stand anywhere in it.
TAKEN_BACK = re.compile(
    r"(?:or|nor|maybe|perhaps|if|unless|whether|except|depending|assuming|provided (?:that|it)|"
    r"(?:but )?only (?:if|when)|"
    r"as (?:an? |the |my )?(?:well|second|alternative|backup|good|likely|much|long)|is (?:wrong|incorrect|false))\b",
    re.IGNORECASE,
)
NEGATED = re.compile(
    r"(?:(?:is )?not|that(?: is|'s) not (?:right|correct|true|it)|never|wrong|incorrect|false|isn't|no(?! \w))\b",
    re.IGNORECASE,
)
REFUSED = re.compile(
    r"(?:neither|unknown|insufficient|(?:i'm )?sorry|none(?= of (?:them|these|those)\b|\W*\Z)|"
    r"(?:none|all|any|either) of the (?:above|options|answers|choices)|"
    r"(?:(?:i|there)\b[\w' ]{0,20}? |it (?:is )?(?=can|impossible))?"
    r"(?:\w{0,6}(?:n't|not)|unable to|impossible to|no way to|no) (?:(?:be|have) )?(?:able to )?"
    r"(?:know|answer|determine|decide|tell|say|sure|certain|idea|enough (?:information|context))\w{0,2})\b",
    re.IGNORECASE,
)
RETRACTED = re.compile(
    r"(?:[^\w\s]|[_\n])\s{0,2}(?:wait|hmm|alternatively|correction|scratch that|on second thought|actually(?=,)|"
    r"(?:that|this|which|i)(?:'s| is| was) (?:wrong|incorrect|false))\b",
    re.IGNORECASE,
)
NUMBERED = re.compile(r"no[.:#\s]*[.:#][.:#\s]*(?:\d|of\b)")
# An object that was cut short, up to the sign behind its first key.
OBJECT = re.compile(r"[^\w{]*+\{[^\w]*+\w++(?:[\"']\s*+:|\s*+:\s*+(?:\{|\Z))")
KEY = re.compile(
    r"(?:(?:final|best|correct|right|chosen|selected|predicted)[ _-]?)?"
    r"(?:answer|response|label|output|choice|option|prediction|result)",
    re.IGNORECASE,
)


def parse(raw: str, answers: Sequence[str], options: Sequence[str] = ()) -> str | None:
    """Read an answer; `options` are the sample's lettered lines, as the dataset has them."""
    said = spoken(raw)
    if not said:
        return None
    return _Reader(Sample(tuple(answers), tuple(options))).read(said)


def authors(raw: str, gold_labels: Collection[str]) -> str | None:
    """Read an answer as the authors' code does: `gold_labels` are those that occur in the test set.

    Where there is a colon, only the first character counts, so that `Answer: D` is A.
    """
    said = raw.strip()
    said = said[:1] if ":" in said else said
    return said if said in gold_labels else None


@dataclass(frozen=True, slots=True)
class _Lead:
    """Where something leads to an answer, which it is, and what is named there, if only to deny it."""

    end: int
    answer: str | None
    named: set[str]


@dataclass(frozen=True, slots=True)
class _Reader:
    sample: Sample

    def read(self, said: str) -> str | None:
        if said.startswith("{") and (values := _json_values(said)) is not None:
            found = {self.read(value) for value in values if not value.startswith("{")}
            return found.pop() if len(found) == 1 else None
        if OBJECT.match(said):
            return self._led(said)
        alone = self.sample.alone(said)
        whole = self.sample.of_text(said) | ({alone} if alone else set())
        if len(whole) > 1:
            return None
        answer = whole.pop() if whole else self._first(said)
        if answer is None:
            return self._led(said)
        leads = self._leads(said)
        return None if leads is None or RETRACTED.search(said) or _named(leads) - {answer} else answer

    def _first(self, said: str) -> str | None:
        """An answer that comes first, with a sign behind it."""
        match = FIRST.match(said)
        answer = self.sample.by_name.get(match[1].casefold()) if match else None
        if match is None or answer is None:
            return None
        signs = SIGNS.match(said, match.end())
        sign = signs[0] if signs else ""
        tail = said[match.end() + len(sign) :]
        if sign.strip(SIGN + "=|" if tail else SIGN):
            return None
        if not self.sample.lettered:
            return answer if not tail or self._goes_on_in_words(answer, sign, tail) else None
        return answer if not tail or self._goes_on(answer, match[1].isupper(), sign, tail) else None

    def _goes_on_in_words(self, answer: str, sign: str, tail: str) -> bool:
        """Whether what follows a yes or no leaves it an answer."""
        fits = bool(sign.strip(" \t")) or bool(REASON.match(tail))
        return fits and not NUMBERED.match(answer + sign + tail) and self._explains(answer, tail)

    def _goes_on(self, letter: str, is_capital: bool, sign: str, tail: str) -> bool:
        """Whether what follows a letter leaves it an answer."""
        exact = self.sample.of_text(tail)
        if exact:
            return letter in exact
        if self.sample.texts.get(letter, "").startswith(plain(tail)):  # cut short
            return bool(sign.strip(" \t")) and self.sample.alone(tail) in (None, letter)
        begun = self.sample.begun(tail)
        if begun:
            rest = self._rest(letter, tail) if letter in begun else None
            return rest is not None and bool(sign.strip(" \t")) and not self.sample.others(letter, rest)
        is_word = letter == "I" and not sign.strip(WRITTEN)
        stops = is_capital and not is_word and not STOPS.isdisjoint(sign) and any(map(str.isspace, sign))
        explains = (("\n" in sign or stops) and ":" not in sign) or (not is_word and bool(REASON.match(tail)))
        return explains and self._explains(letter, tail)

    def _explains(self, answer: str, tail: str) -> bool:
        """Whether a text leaves an answer as it is, and does not take it back, ask, or name another."""
        if TAKEN_BACK.match(tail) or (answer != "no" and (NEGATED.match(tail) or REFUSED.match(tail))):
            return False
        cut = self.sample.cut_short(tail)
        if cut and answer not in cut:
            return False
        return not tail.rstrip(AROUND).endswith("?") and not self.sample.others(answer, tail)

    def _rest(self, letter: str, tail: str) -> str | None:
        """What stands after a sign behind the text of an option; None where the text goes on without one."""
        words = map(re.escape, self.sample.texts[letter].split())
        text = re.match(r"\s+".join(words), tail.lstrip(SIGN), re.IGNORECASE)
        rest = tail.lstrip(SIGN)[text.end() :] if text else None
        return None if rest is None or rest.lstrip()[:1].isalnum() else rest

    def _led(self, said: str) -> str | None:
        """The answer that all leads agree on, where nothing but them names one."""
        leads = self._leads(said) or []
        led = [(lead.answer, lead.end) for lead in leads if lead.answer]
        if not led or len(_named(leads)) != 1:
            return None
        answer, end = led[-1]
        if RETRACTED.search(said, end):
            return None
        return None if any(self.sample.others(answer, text) for text in (said[:end], said[end + REACH :])) else answer

    def _leads(self, said: str) -> list[_Lead] | None:
        """All that leads to answers; None where it is too much."""
        leads = list(islice(LEAD.finditer(said), MOST_LEADS + 1))
        return [self._lead(said, *lead.span()) for lead in leads] if len(leads) <= MOST_LEADS else None

    def _lead(self, said: str, start: int, end: int) -> _Lead:
        rest = said[end : end + REACH]
        if OBJECT.match(rest):
            return _Lead(end, None, set())
        text = self.sample.of_text(rest)
        answer = self.sample.alone(rest) or (text.pop() if len(text) == 1 else None) or self._first(rest)
        is_denied = DENIED.search(CLAUSE.split(said[max(0, start - REACH) : start])[-1])
        return _Lead(end, None if is_denied else answer, {answer} if answer else self.sample.first(rest))


def _named(leads: Sequence[_Lead]) -> set[str]:
    return {name for lead in leads for name in lead.named}


def _json_values(said: str) -> list[str] | None:
    """The values of an object that say the answer; None where this is no object."""
    try:
        pairs: object = json.loads(said, object_pairs_hook=list)
    except (ValueError, RecursionError):
        return None
    if not isinstance(pairs, list):
        return None
    named = [value for key, value in pairs if KEY.fullmatch(key)]
    single = [value[0] if isinstance(value, list) and len(value) == 1 else value for value in named]
    return [value if isinstance(value, str) else "" for value in single]
