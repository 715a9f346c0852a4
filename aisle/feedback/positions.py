"""What a click says once its place is taken into account: the position-based model, by expectation maximisation.

A product is clicked where its place is looked at and the product attracts (Richardson et al., WWW 2007; Chuklin, Markov
and de Rijke 2015, 3.3 and 4.2): P(click) = look(place) · attraction(query, product). A place above is looked at more
often, whatever stands there; taken together over products that stood in several places, both can be told apart. Where
hardly any did they cannot, and places count as in DCG.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from aisle.feedback.clicks import Seen

ROUNDS, CLOSE = 200, 1e-5
SHOWINGS = 20.0  # of a place, that a place's discount of DCG counts as much as
GUESSED = 2.0  # showings that the mean attraction counts as much as
MOVED = 0.05  # share of the showings that must be of products with several places
Values = NDArray[np.float64]


@dataclass(frozen=True)
class Attraction:
    """look: float64 (places,), how often each is looked at, 1 for the first; attraction: float64 (pairs,); looked:
    float64 (pairs,), how often each pair was looked at; moved: the share of showings of pairs with several places."""

    look: Values
    attraction: Values
    looked: Values
    moved: float


def attraction_of(seen: Seen) -> Attraction:
    """Fit the model to what was seen; with nothing clicked every attraction is 0."""
    places, pairs = int(seen.place.max(initial=0)) + 1, len(seen.pairs)
    usual = 1 / np.log2(np.arange(places) + 2)
    of_pair, of_place = np.bincount(seen.pair, seen.shown, pairs), np.bincount(seen.place, seen.shown, places)
    several = np.bincount(seen.pair, minlength=pairs) > 1
    moved = float(of_pair[several].sum() / max(of_pair.sum(), 1))
    look, attraction = usual.copy(), np.full(pairs, _mean(seen, usual))
    for _ in range(ROUNDS):
        both = look[seen.place] * attraction[seen.pair]
        missed = (seen.shown - seen.clicked) / np.maximum(1 - both, 1e-9)  # of each, that was not clicked
        looks = seen.clicked + missed * look[seen.place] * (1 - attraction[seen.pair])
        attracts = seen.clicked + missed * attraction[seen.pair] * (1 - look[seen.place])
        guess = _mean(seen, look)
        new = (np.bincount(seen.pair, attracts, pairs) + GUESSED * guess) / (of_pair + GUESSED)
        change = float(np.abs(new - attraction).max(initial=0))
        attraction = new
        if moved >= MOVED:
            look = (np.bincount(seen.place, looks, places) + SHOWINGS * usual) / (of_place + SHOWINGS)
            look = np.minimum(look / max(look[0], 1e-9), 1)
        if change < CLOSE:
            break
    looked = np.bincount(seen.pair, seen.shown * look[seen.place], pairs).astype(np.float64)
    return Attraction(look, attraction, looked, moved)


def _mean(seen: Seen, look: Values) -> float:
    """What is clicked of what is looked at, over everything."""
    return float(seen.clicked.sum() / max((seen.shown * look[seen.place]).sum(), 1e-9))
