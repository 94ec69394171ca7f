"""How the report writes numbers and names: three digits where the paper has three, percent where it has percent."""

from collections.abc import Callable, Iterable
from math import floor

from mmecinstruct.looking.view import printable

DASH = "\N{EN DASH}"

_COUNTS = frozenset(("n_failed", "n_samples"))
_PERCENT = {"caption_used": 1, "gain_over_best": 1, "jaccard": 2, "cosine": 2, "share": 1}  # decimals, as printed
_MEASURES = {
    "f1": "F1",
    "macro_f1": "macro F1",
    "recall_at_1": "recall at 1",
    "n_failed": "rows",
    "caption_used": "kept",
}

Write = Callable[[float], str]


def digits(value: float) -> str:
    """A score: 0.848."""
    return f"{value:.3f}"


def signed(value: float) -> str:
    """A difference: +0.020."""
    return f"{value:+.3f}"


def percent(share: float) -> str:
    """A share: 62.1%."""
    return f"{share:.1%}"


def count(n: float) -> str:
    """A count: 1,000."""
    return f"{n:,.0f}"


def written(metric: str) -> Write:
    """How the paper writes numbers of this kind."""
    if metric in _COUNTS:
        return count
    if metric in _PERCENT:
        return lambda value: f"{value:.{_PERCENT[metric]}%}"
    return digits


def span(low: float | None, high: float | None, write: Write) -> str:
    """An interval; nothing where there is none."""
    if low is None or high is None:
        return ""
    # A dash before a minus cannot be read.
    between = " to " if low < 0 or write is signed else DASH
    return f"{write(low).removesuffix('%')}{between}{write(high)}"


def chance(p: float) -> str:
    """A p: 0.012."""
    return f"{p:.3f}" if p >= 0.0005 else "< 0.001"


def named_chance(p: float) -> str:
    """A p with its name, which no line's end parts: p = 0.012."""
    told = f"p = {chance(p)}" if p >= 0.0005 else f"p {chance(p)}"
    return told.replace(" ", "\N{NO-BREAK SPACE}")


def clock(seconds: float) -> str:
    """A time: 4.2 s, 3 min 20 s, 2 h 5 min."""
    if seconds < 59.95:
        return f"{seconds:.1f} s"
    whole = floor(seconds + 0.5)
    if whole < 3600:
        return f"{whole // 60} min {whole % 60} s"
    return f"{whole // 3600} h {whole % 3600 // 60} min"


def measure(metric: str) -> str:
    """What a column holds, by the name that readers know."""
    return _MEASURES.get(metric, metric.replace("_", " "))


def test_set(config: str) -> str:
    """A config as the paper speaks of it: AP IND."""
    return config.replace("_", " ").upper()


def domain(config: str) -> str:
    """IND or OOD; nothing for a config of neither."""
    found = config.rpartition("_")[2].upper()
    return found if found in ("IND", "OOD") else ""


def in_order(configs: Iterable[str]) -> tuple[str, ...]:
    """Configs as Table 4 has them, those in domain first."""
    return tuple(sorted(dict.fromkeys(configs), key=lambda config: domain(config) == "OOD"))


def clean(text: str) -> str:
    """Text that no font obeys and every file can hold."""
    return storable(printable(text))


def storable(text: str) -> str:
    """Text that every file can hold: a raw answer may end amid a character."""
    return text.encode("utf-8", "replace").decode("utf-8")


def clipped(text: str, most: int) -> str:
    """The beginning of a text; what is left out is said."""
    more = len(text) - most
    return text if more <= 0 else f"{text[:most]} … (+{more:,} characters)"
