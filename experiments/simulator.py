"""A simulated shop: shoppers whose tastes drift, products that arrive, slates that are looked at from the top.

The truth is known here, so a loop of recommending, buying and training can be watched; nothing is said about a real
shop that real data can say. A product has a share of each latent topic and an appeal that no text tells; a shopper has
a taste over the same topics. What a shopper sees in a product is

    utility = TASTE · log(taste · topics + FLOOR) + appeal

- organic: a visit buys by softmax of what is wanted over the whole catalogue, or with `habit` something bought before.
- a slate: place k is looked at with 1 / log2(k + 2) (the discount of DCG), then clicked with σ(utility + LOOK), put in
  the basket with BASKET, bought with BUY, refunded with the product's own risk.
- what was bought is not wanted for SATED rounds, and then AGAIN more than before, on a slate and elsewhere: a log that
  did not say so could not teach it.
- every round tastes drift and some products arrive. A shopper's taste changes, the spread of tastes does not: all
  shoppers together are as unlike each other in the last round as in the first, so what narrows was narrowed.
- products are sold in categories that only roughly follow the topics, and their texts are words of topics.

`concentration`, `spread` and `habit` are what `experiments.calibration` fits to a real log.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np

TASTE, FLOOR = 2.0, 0.01
LOOK, BASKET, BUY = 3.0, 0.5, 0.6
SATED, AGAIN, UNWANTED = 3, 1.0, -6.0  # rounds, and added to utility
DAY = 86_400_000  # ms
START = 1_700_000_000_000  # UTC ms, the first round's morning
ROUND = 7  # days
WORDS, SPOKEN = 30, 5  # words of a topic, and of a title
ASTRAY = 0.2  # of the products stand in a category of another topic


@dataclass(frozen=True)
class Habits:
    """What is fitted to a log: how evenly a shopper's taste is spread over topics (Dirichlet, per topic), how unequal
    products are (standard deviation of their appeal), and how often something is bought again."""

    concentration: float = 0.1
    spread: float = 1.0
    habit: float = 0.3


@dataclass
class World:
    """topics: float64 (products, topics), and taste: float64 (shoppers, topics), rows sum to 1; arrives: int64
    (products,), the round in which a product comes; bought: int64 (shoppers, products), the last, -1 for never."""

    seed: int
    habits: Habits = field(default_factory=Habits)
    shoppers: int = 400
    products: int = 400
    kinds: int = 16
    arriving: int = 2  # products a round
    rounds: int = 50
    visits: float = 1.5  # organic purchases of a shopper in a round
    drift: float = 0.03  # of a taste, a round: after k rounds what is wanted correlates (1 - drift) ** k with what was

    def __post_init__(self) -> None:
        random = self.random = np.random.default_rng(self.seed)
        total = self.products + self.arriving * self.rounds
        share = random.dirichlet(np.full(self.kinds, 2.0))
        main = random.choice(self.kinds, total, p=share)
        self.topics = 0.15 * random.dirichlet(np.full(self.kinds, 0.3), total)
        self.topics[np.arange(total), main] += 0.85
        self.appeal = random.normal(0, self.habits.spread, total)
        self.arrives = np.r_[np.zeros(self.products, np.int64), np.repeat(np.arange(self.rounds), self.arriving)]
        self.price = np.round(np.exp(random.normal(2.5, 0.6, total)), 2)
        self.margin = random.uniform(0.1, 0.6, total)
        self.risk = random.beta(1, 15, total)
        self.category = np.where(random.random(total) < ASTRAY, random.integers(0, self.kinds, total), main)
        self._shape = self.kinds * self.habits.concentration * share + 1e-3
        self._wants = random.gamma(self._shape, size=(self.shoppers, self.kinds))
        self.bought = np.full((self.shoppers, total), -1, np.int64)

    @property
    def taste(self) -> Any:
        """Dirichlet over topics: gamma variables, each as a part of a shopper's sum."""
        return self._wants / self._wants.sum(axis=1, keepdims=True)

    def drifted(self) -> None:
        """A round passes: tastes drift. Thinned by a beta variable and made up by a gamma one, a gamma variable keeps
        its distribution (Lewis, McKenzie and Hugus 1989), and so do the tastes. Steps towards new draws would not: a
        mean of draws is nearer to what all shoppers like than each of them, and after fifty steps all were alike."""
        stays = self.random.beta(self._shape * (1 - self.drift), self._shape * self.drift, self._wants.shape)
        self._wants = stays * self._wants + self.random.gamma(self._shape * self.drift, size=self._wants.shape)

    def utility(self) -> Any:
        """float64 (shoppers, products)."""
        return np.asarray(TASTE * np.log(self.taste @ self.topics.T + FLOOR) + self.appeal)

    def sold(self, now: int) -> list[dict[str, Any]]:
        """The products that arrive in a round, as a shop would load them."""
        words = np.random.default_rng([self.seed, now])
        return [self._product(int(one), words) for one in np.flatnonzero(self.arrives == now)]

    def _product(self, one: int, words: Any) -> dict[str, Any]:
        spoken = words.choice(self.kinds, SPOKEN, p=self.topics[one])
        title = " ".join(f"w{topic}x{words.integers(WORDS)}" for topic in spoken)
        return {"id": f"p{one}", "title": title, "category": f"Department {self.category[one] // 4} > "
                f"Category {self.category[one]}", "brand": f"b{one % 40}", "price": str(self.price[one]),
                "currency": "USD", "cost": str(round(self.price[one] * (1 - self.margin[one]), 2)),
                "created_at": START + int(self.arrives[one]) * ROUND * DAY}  # fmt: skip

    def organic(self, now: int) -> Iterator[dict[str, Any]]:
        """What shoppers buy by themselves in a round."""
        utility, here = self.utility(), self.arrives <= now
        utility[:, ~here] = -np.inf
        visits = self.random.poisson(self.visits, self.shoppers)
        for shopper in np.flatnonzero(visits):
            for _ in range(visits[shopper]):
                mine = np.flatnonzero((self.bought[shopper] >= 0) & (now - self.bought[shopper] >= SATED))
                again = len(mine) and self.random.random() < self.habits.habit
                wanted = utility[shopper] + self._due(self.bought[shopper], now)
                yield self._taken("purchase", shopper, self._again(shopper, mine) if again else _softmax(
                    self.random, wanted), now)  # fmt: skip

    def _again(self, shopper: Any, mine: Any) -> int:
        """Something bought before, the later the likelier."""
        latest = self.bought[shopper, mine]
        return int(self.random.choice(mine, p=_shares(0.1 * (latest - latest.max()))))

    @staticmethod
    def _due(last: Any, now: int) -> Any:
        """What having bought products last in some rounds, -1 for never, adds to their utility."""
        return np.where(np.less(last, 0), 0.0, np.where(now - last >= SATED, AGAIN, UNWANTED))

    def shown(
        self, shopper: int, products: Sequence[str], now: int, utility: Any, slate: str = ""
    ) -> Iterator[dict[str, Any]]:
        """What one shopper does with products in their places; `utility` is this shopper's, float64 (products,);
        `slate` names where they stood."""
        for place, name in enumerate(products):
            one = int(name[1:])
            where = {"slate": slate, "position": place} if slate else {}
            wanted = utility[one] + LOOK + self._due(self.bought[shopper, one], now)
            looks = self.random.random() < 1 / np.log2(place + 2)
            if not looks or self.random.random() > 1 / (1 + np.exp(-wanted)):
                continue
            yield self._taken("view", shopper, one, now) | where
            if self.random.random() < BASKET:
                yield self._taken("cart", shopper, one, now) | where
                if self.random.random() < BUY:
                    yield self._taken("purchase", shopper, one, now) | where
                    if self.random.random() < self.risk[one]:
                        yield self._taken("refund", shopper, one, now) | where

    def _taken(self, kind: str, shopper: Any, one: int, now: int) -> dict[str, Any]:
        if kind == "purchase":
            self.bought[shopper, one] = now
        moment = START + now * ROUND * DAY + int(self.random.integers(DAY))
        return {"type": kind, "user": f"u{shopper}", "product": f"p{one}", "timestamp": moment,
                "price": str(self.price[one]), "currency": "USD"}  # fmt: skip


def _softmax(random: Any, utility: Any) -> int:
    return int(random.choice(len(utility), p=_shares(utility)))


def _shares(logits: Any) -> Any:
    weights = np.exp(logits - logits.max())
    return weights / weights.sum()


def entropy_of(counts: Any) -> Any:
    """Shannon entropy of each line of counts, in nats; NaN where a line is empty."""
    counts = np.atleast_2d(np.asarray(counts, float))
    total = counts.sum(axis=1, keepdims=True)
    with np.errstate(divide="ignore", invalid="ignore"):
        shares = counts / total
        return np.where(total[:, 0] > 0, -np.nansum(np.where(shares > 0, shares * np.log(shares), 0), axis=1), np.nan)
