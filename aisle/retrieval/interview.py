"""A short quiz for a shopper of whom nothing is known: what to ask next, and what the answers say.

Shoppers of the log stand for what the new one may be like. Each answers every question by what they took ("do you buy
baby food?"), wrongly now and then (NOISE), so answers make some of them likelier, and what these took is what the new
one may want. Asked next is the question whose answer is expected to tell most of what will be taken: the mutual
information between the answer and the next product (active learning; MacKay 1992).
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from aisle.records.candidates import Candidates, found, nothing
from aisle.records.history import Bools, Floats, Ints
from aisle.records.request import Context
from aisle.records.slate import Because

NOISE = 0.2  # answers that are not what the log says
KEPT = 1000  # answers of which it is known what to ask next
SAME, DIGITS = 1e-5, 4  # gains in nats, and shoppers, that count as equal
LEAST = 1e-12  # how likely at least, for a logarithm
ALL = 30.0  # shoppers that what all take counts for, beside those whom the answers leave
Answers = Mapping[int, bool]  # number of a question → yes or no
Doubles = NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class Interview:
    """keys: what each question is named by; has: float32 (shoppers, questions), 1 for a yes; taken: sparse float32
    (shoppers, rows), 1 for what was taken just now, less for what was long ago; told: float32 (shoppers, n), of what
    each takes the parts of which answers shall tell, the last one all the rest; every line sums to 1; gone: bool
    (shoppers,), who were forgotten and are not counted any more; about: int32, the rows that each question is of."""

    keys: tuple[str, ...]
    has: Floats
    taken: Any
    told: Floats
    gone: Bools
    about: tuple[Ints, ...] = ()
    _next: dict[tuple[frozenset[tuple[int, bool]], frozenset[int]], int | None] = field(default_factory=dict)

    def known(self, answers: Mapping[str, bool]) -> Answers:
        """Answers by the numbers of their questions; those to questions of another log are left out."""
        number = {key: at for at, key in enumerate(self.keys)}
        return {number[key]: yes for key, yes in answers.items() if key in number}

    def allowed(self, answers: Answers, mask: Bools) -> Bools:
        """Of the rows of a mask those that no answer denies; one that a yes speaks for is not denied."""
        made = mask.copy()
        for said in (False, True):
            for question in (at for at, yes in answers.items() if yes is said and at < len(self.about)):
                made[self.about[question]] = said & mask[self.about[question]]
        return made

    def likely(self, answers: Answers) -> Doubles:
        """How likely each shopper is to be like the new one, float64 (shoppers,), sum 1."""
        log = np.where(self.gone, -np.inf, 0.0)
        for question, yes in answers.items():
            says = self.has[:, question] if yes else 1 - self.has[:, question]
            log += np.log(NOISE + (1 - 2 * NOISE) * says)
        best = log.max(initial=-np.inf)
        likely = np.exp(log - best) if np.isfinite(best) else np.zeros(len(log))
        return np.asarray(likely / max(float(likely.sum()), 1e-12))

    def next(self, answers: Answers, barred: frozenset[int] = frozenset()) -> int | None:
        """The question that tells most and is not barred, None where no other is left."""
        said = frozenset(answers.items()), barred
        if said in self._next:
            return self._next[said]
        gain = self.gains(answers)
        gain[[*answers, *barred]] = -np.inf
        best = gain.max(initial=-np.inf)
        # sums in another order (shoppers stand by their pseudonyms) must not turn a tie
        following = int(np.flatnonzero(gain >= best - SAME)[0]) if np.isfinite(best) else None
        if len(self._next) >= KEPT:  # most shoppers are asked the same first questions
            self._next.clear()
        self._next[said] = following
        return following

    def forget(self, shoppers: Ints) -> None:
        """Count these no more."""
        self.gone[shoppers] = True
        self._next.clear()

    def gains(self, answers: Answers) -> Doubles:
        """What the answer to each question would tell of the next product, in nats, float64 (questions,)."""
        likely = self.likely(answers).astype(np.float32)
        yes = (NOISE + (1 - 2 * NOISE) * self.has) * likely[:, None]
        taken = likely @ self.told
        with_yes = yes.T @ self.told  # (questions, n): how likely a yes and this product are together
        gain = np.zeros(self.has.shape[1])
        for both in (with_yes, taken - with_yes):
            apart = both.sum(axis=1, keepdims=True) * taken
            sure = (both > LEAST) & (apart > LEAST)
            gain += np.where(sure, both * np.log(np.where(sure, both, 1) / np.where(sure, apart, 1)), 0).sum(axis=1)
        return gain

    def narrowed(self, most: int) -> tuple["Interview", NDArray[np.int64]]:
        """With the questions alone that tell most before any answer, and which these are."""
        kept = np.sort(np.argsort(-self.gains({}), kind="stable")[:most])
        keys = tuple(self.keys[at] for at in kept)
        return Interview(keys, np.ascontiguousarray(self.has[:, kept]), self.taken, self.told, self.gone), kept

    def wanted(self, answers: Answers) -> Floats:
        """How many of the shoppers whom the answers leave take each product, float32 (rows,); they are as many as their
        likelihoods' effective number, and ALL of those without any answer stand beside them."""
        likely = self.likely(answers)
        left = 1 / max(float(np.square(likely).sum()), LEAST)
        weights = left * likely + np.where(self.gone, 0, ALL / max(len(likely), 1))
        return np.asarray(np.round(self.taken.T @ weights, DIGITS), np.float32).ravel()


@dataclass
class Answered:
    """A `Retriever`: what shoppers took who would have answered as this one did."""

    interview: Callable[[], Interview]
    name: str = "quiz"

    def retrieve(self, context: Context, limit: int) -> Candidates:
        """The likeliest products; without an answer those that most take; none in a log without shoppers."""
        interview = self.interview()
        answers = interview.known(context.request.answers)
        wanted = interview.wanted(answers)
        rows = np.flatnonzero(interview.allowed(answers, context.mask) & (wanted > 0)).astype(np.int32)
        return found(self.name, rows, wanted[rows], limit) if len(rows) else nothing(self.name)

    def why(self, context: Context, rows: Sequence[int]) -> list[Because]:
        """Others like the shopper take them."""
        return [Because("bought by shoppers who would answer as you did")] * len(rows)
