"""The sources of home, in the order in which they are told of: what each counts where ranks are fused.

weight: in the fusion that finds what trees score, own history first, the crowd last. guess: the share of right products
among the ten that it puts first, as seen elsewhere (Beauty and Complete Journey), which stands in where no trees decide
(`fusion.py`). of_others: it learns from other shoppers, and grows with the log.
"""

from typing import NamedTuple


class Source(NamedTuple):
    """What is said above of one source."""

    weight: float
    guess: float
    of_others: bool = True


TABLE = {
    "repurchase": Source(4.0, 0.10, of_others=False),
    "neighbours": Source(1.0, 0.005),
    "crowd": Source(0.5, 0.004),
    "taste": Source(0.5, 0.001),
    "copurchase": Source(0.7, 0.005),
    "transitions": Source(1.0, 0.006),
    "sequence": Source(1.0, 0.008),
    "semantic": Source(1.0, 0.010),
    "linear": Source(1.0, 0.010),
    "considered": Source(1.5, 0.05, of_others=False),
    "similar": Source(0.4, 0.006, of_others=False),
    "popular": Source(0.3, 0.001),
    "fresh": Source(0.1, 0.0005, of_others=False),
}
SOURCES = tuple(TABLE)
WEIGHTS = {name: source.weight for name, source in TABLE.items()} | {"newcomers": 0.0}
