"""What a run may spend on a model, and what it has spent."""

import asyncio
from dataclasses import dataclass

from caslie.backends.base import Model

_CHARS_A_TOKEN = 4  # "1 token ~= 4 chars in English" (OpenAI's help centre)


@dataclass(frozen=True, slots=True)
class Tokens:
    """How many were read and written."""

    n_in: int = 0
    n_out: int = 0


def n_tokens_of(text: str) -> int:
    """Guess how many tokens a text has."""
    return -(-len(text) // _CHARS_A_TOKEN)


class Purse:
    """The budget of one run. What a request may cost is held while it is made; then what it did cost is spent.

    What it may cost is a guess, mended by what the server has counted so far. The first requests, made before it has
    counted any, may pass a very small budget.
    """

    def __init__(self, model: Model) -> None:
        self._prices = (model.price_in, model.price_out)
        self._budget = model.budget
        self._spent = Tokens()
        self._held: list[Tokens] = []
        self._unguessed = 0  # by how much the guesses of `n_in` fell short, at the most
        self._closed = False
        self._settled = asyncio.Event()

    async def hold(self, guess: Tokens) -> bool:
        """Put aside what a request may cost; False where it would pass the budget, and from then on."""
        while not (self._closed or self._fits(guess)) and self._held:  # which may cost less than is held for them
            await self._settled.wait()
        self._closed = self._closed or not self._fits(guess)
        if not self._closed:
            self._held.append(guess)
        return not self._closed

    def settle(self, guess: Tokens, cost: Tokens) -> None:
        """Spend what a request did cost, instead of what was held for it."""
        self._held.remove(guess)
        self._spent = Tokens(self._spent.n_in + cost.n_in, self._spent.n_out + cost.n_out)
        self._unguessed = max(self._unguessed, cost.n_in - guess.n_in)
        self._settled.set()
        self._settled = asyncio.Event()

    def _fits(self, guess: Tokens) -> bool:
        if self._budget is None:
            return True
        claims = [*self._held, guess]
        n_in = self._spent.n_in + sum(claim.n_in + self._unguessed for claim in claims)
        n_out = self._spent.n_out + sum(claim.n_out for claim in claims)
        return (n_in * self._prices[0] + n_out * self._prices[1]) / 1e6 <= self._budget
