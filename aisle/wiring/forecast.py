"""What a training run will take, told before it begins, and how much each model may read within the shop's budget.

The rates were measured on one core of a server of 2024; a fixed product of matrices tells how quick this machine is
beside it. What learns from histories gives way where `train.minutes` are too few or `train.memory_gb` too little:
first it reads less, and below LEAST of what it would like it rests, for a model that saw too little ranks for nothing.
"""

import time
from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from aisle.encoders.cross import READINGS
from aisle.retrieval import linear, semantic, sequence
from aisle.settings import Settings
from aisle.wiring.lessons import EPOCHS, TURNS
from aisle.wiring.related import MOST, STANDING

LOOP, LOOPED = 1024, 0.0195  # a product of square matrices of this size, float32, one thread: its seconds there
TEXT, BEGUN = 1 / 450, 10.0  # seconds a text that is encoded, and until the first of them is
PICTURE, SEEN = 1 / 70, 4000  # seconds a picture that is read, and bytes of what is kept of one
PRODUCT, EVENT = 4e-4, 8e-6  # seconds a product (words, indexes), and an event at each moment (tables)
STEP, LESSON = 1 / 17_000, 1 / 9_000  # seconds a step that the sequence and the semantic model read
FLOPS = 1.1e11  # of dense linear algebra, one thread
SOLVED, INVERTED = 7 / 3, 1.0  # flops of a fit of n products, in n³: to solve in order, to invert without
READ = 1 / 80  # seconds a pair that is read
TAUGHT = TURNS * EPOCHS * READINGS  # readings of each judgement, where every one judges in turn
SHOPPER = 7e-3  # seconds a shopper that is replayed at a moment: asked, and learned from by trees
SHOWN = 2 * 85 * 140 * 4  # bytes of a shopper that is replayed: examples, their numbers, and a copy of these
LINEAR = 20  # bytes of a pair of products: two dense matrices, and what they are made of
BASE = 900.0  # MiB of the libraries
LEAST = 0.2  # of what a model would like to read
MIB = float(1 << 20)


@dataclass(frozen=True)
class Sizes:
    """What there is to learn from. new: texts, of needs too, that no earlier run encoded; wide: numbers of a text's
    vector, 0 without any; steps: of shoppers from one product to the next, 0 where nothing learns them; moments: at
    which what learns histories is asked; judgements: from which a reader of query and product learns; unread: of the
    pictures, those that no earlier run read."""

    products: int
    new: int
    wide: int
    events: int
    shoppers: int
    steps: int
    moments: int
    judgements: int = 0
    markets: int = 1
    pictures: int = 0
    unread: int = 0


@dataclass(frozen=True)
class Forecast:
    """seconds and mib: of each part; then what each model may read, and how many shoppers are replayed at a
    moment; less: a model → why it reads less."""

    seconds: Mapping[str, float]
    mib: Mapping[str, float]
    sequence_events: int
    tune_events: int
    linear_products: int
    shoppers: int
    less: Mapping[str, str]

    @property
    def resting(self) -> frozenset[str]:
        """Models for which too little time or memory is left: those among `less` that may read nothing at all."""
        allowed = {
            "sequence model": self.sequence_events, "semantic model": self.tune_events,
            "linear model": self.linear_products,
        }  # fmt: skip
        return frozenset(name for name in self.less if not allowed.get(name, 1))

    def within(self, settings: Settings) -> Settings:
        """Settings that replay no more shoppers than there is memory for."""
        return settings.model_copy(update={"train": settings.train.model_copy(update={"shoppers": self.shoppers})})

    @property
    def minutes(self) -> float:
        """Of one busy core."""
        return sum(self.seconds.values()) / 60

    @property
    def gib(self) -> float:
        """At the peak."""
        return sum(self.mib.values()) / 1024

    @property
    def told(self) -> str:
        """In one line."""
        return f"forecast: {self.minutes:.1f} minutes, {self.gib:.1f} GiB at the peak"


def pace() -> float:
    """Seconds that this machine takes for what took one where the rates were measured."""
    from aisle.wiring.report import one_thread

    square = np.random.default_rng(0).random((LOOP, LOOP), np.float32)
    took = []
    with one_thread():
        for _ in range(4):
            start = time.perf_counter()
            square @ square
            took.append(time.perf_counter() - start)
    return min(took) / LOOPED


def foreseen(sizes: Sizes, settings: Settings, rate: float = 1.0) -> Forecast:
    """The forecast of a run with these settings; `rate` as `pace` tells it."""
    options = settings.train
    held = _held(sizes)
    space = max(1024 * options.memory_gb - sum(held.values()), 0.0)  # MiB
    cubes = _cubes(sizes, options.linear_products, space)
    shoppers = min(options.shoppers, int(space * MIB / SHOWN / (options.cutoffs + 1) / sizes.markets))
    settings = settings.model_copy(update={"train": options.model_copy(update={"shoppers": shoppers})})
    fixed = {
        "encode": sizes.new * TEXT + BEGUN * (sizes.new > 0),
        "pictures": sizes.unread * PICTURE,
        "tables": sizes.products * PRODUCT + sizes.events * EVENT * (sizes.moments + 1),
        "reading": min(TAUGHT * sizes.judgements, settings.search.tune_pairs) * READ,
        "replay": (_replayed(sizes, settings) + _beside(sizes, settings)) * SHOPPER,
    }
    wanted = {
        "sequence": _read(sizes, sequence.readings(sizes.steps), options.sequence_events) * STEP,
        "semantic": _read(sizes, semantic.readings(sizes.steps), _tuned(sizes, settings)) * LESSON,
        "linear": (SOLVED * (sizes.moments + 1) + INVERTED) * float(cubes) ** 3 / FLOPS,
    }
    left = max(60 * options.minutes / rate - sum(fixed.values()), 0.0)
    share = min(left / max(sum(wanted.values()), 1e-9), 1.0)
    less = _less(wanted, share, left / 60 * rate, options.minutes)
    if cubes < min(options.linear_products, sizes.products) and sizes.steps >= linear.ENOUGH and share >= LEAST:
        less["linear model"] = f"{cubes} products are covered: train.memory_gb is {options.memory_gb:g}"
    if shoppers < min(options.shoppers, sizes.shoppers) and options.ranker != "fusion":
        less["ranker"] = f"{shoppers} shoppers are replayed at a moment: train.memory_gb is {options.memory_gb:g}"
    allowed = share if share >= LEAST else 0.0
    covered = int(cubes * allowed ** (1 / 3))
    seconds = fixed | {name: wish * allowed for name, wish in wanted.items()}
    largest = max(_replayed(sizes, settings) * SHOWN, LINEAR * covered**2) / MIB
    return Forecast(
        {name: round(wish * rate, 2) for name, wish in seconds.items()}, {**held, "learning": largest},
        int(options.sequence_events * allowed), int(_tuned(sizes, settings) * allowed), covered, shoppers, less,
    )  # fmt: skip


def _less(wanted: Mapping[str, float], share: float, left: float, minutes: float) -> dict[str, str]:
    why = f"{left:.1f} of train.minutes = {minutes:g} are left for what would take {sum(wanted.values()) / 60:.1f}"
    return {} if share >= 1 else {f"{name} model": why for name, wish in wanted.items() if wish}


def _tuned(sizes: Sizes, settings: Settings) -> int:
    return settings.encoder.tune_events if sizes.wide and settings.encoder.tune != "none" else 0


def _read(sizes: Sizes, readings: tuple[int, int], most: int) -> float:
    """Steps that a model reads in a run, of at most `most`; none where it rests."""
    if sizes.steps < sequence.ENOUGH:
        return 0.0
    first, onward = readings
    return float(min(sizes.steps * (first + onward * sizes.moments), most))


def _cubes(sizes: Sizes, most: int, space: float) -> int:
    """Products that the linear model can cover within so many MiB."""
    if sizes.steps < linear.ENOUGH:
        return 0
    return min(most, sizes.products, int(np.sqrt(space * MIB / LINEAR)))


def _replayed(sizes: Sizes, settings: Settings) -> int:
    """Shoppers that are asked again, all moments together."""
    options = settings.train
    if options.ranker == "fusion":
        return 0
    return min(options.shoppers * (options.cutoffs + 1) * sizes.markets, sizes.shoppers * sizes.moments)


def _beside(sizes: Sizes, settings: Settings) -> int:
    """Those that are asked in scenarios that stand on products."""
    return 0 if settings.train.ranker == "fusion" else len(STANDING) * min(MOST, sizes.shoppers)


def _held(sizes: Sizes) -> dict[str, float]:
    """MiB that nothing can give back."""
    return {
        "libraries": BASE,
        "catalogue": sizes.products * (2000 + 10 * sizes.wide) / MIB,
        "log": sizes.events * 400 / MIB,
        "pictures": sizes.pictures * SEEN / MIB,
    }
