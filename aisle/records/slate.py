"""What is shown, why, and what was left out and why."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from aisle.records.candidates import NEAR, Candidates
from aisle.records.request import Context


@dataclass(frozen=True, slots=True)
class Reason:
    """Why a product is here: `source` is the stage that says so, `text` what a shopper can read."""

    source: str
    text: str


@dataclass(frozen=True, slots=True)
class Because:
    """A retriever's reason: `text` may say {title}, the title of `row`, the product that led to this one; one that is
    `whole` answers all that was asked, and is told first."""

    text: str
    row: int = -1
    whole: bool = False


@dataclass(frozen=True, slots=True)
class Placement:
    """One product at one position. `product` is the variant shown, `group` what was ranked; price in minor units."""

    product: str
    group: str
    position: int
    score: float
    reasons: tuple[Reason, ...] = ()
    title: str = ""
    price: int | None = None
    currency: str = ""
    brand: str = ""
    category: tuple[str, ...] = ()
    image: str = ""
    columns: Mapping[str, float] = field(default_factory=dict)

    @property
    def near(self) -> bool:
        """Does it only come near what was searched for? Then it stands behind all that answers, but where the shop's
        rules, campaigns or quotas move either."""
        return NEAR in self.columns


@dataclass(frozen=True, slots=True)
class Removal:
    """A group that was a candidate and is not shown: which stage took it out, and why."""

    group: str
    stage: str
    why: str


@dataclass(frozen=True, slots=True)
class Trace:
    """What every step of a request saw, kept on the slate so that it can be explained; never stored or sent."""

    context: Context
    found: Candidates  # before fuse: every row of every source
    ranked: Candidates  # after blend: best first, the last column is the blend
    shown: tuple[int, ...]  # rows, in order


@dataclass(frozen=True, slots=True)
class Slate:
    """The answer to one request. `total` counts what answers it, `facets` the same by `search.facets`; behind these
    stands what only comes `near`, but where a rule moves it, and pages end with the candidates, `search.candidates`.
    Timings are milliseconds a stage."""

    id: str
    scenario: str
    placements: tuple[Placement, ...]
    generation: str = ""
    removed: tuple[Removal, ...] = ()
    facets: Mapping[str, Mapping[str, int]] = field(default_factory=dict)
    total: int = 0
    cursor: str | None = None
    timings: Mapping[str, float] = field(default_factory=dict)
    degraded: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()
    propensities: tuple[float, ...] = ()
    seed: int = 0
    query: str = ""  # as it was read
    trace: Trace | None = field(default=None, repr=False, compare=False)

    @property
    def ids(self) -> list[str]:
        """The products shown, in order."""
        return [placement.product for placement in self.placements]

    def __iter__(self) -> Iterator[Placement]:
        return iter(self.placements)

    def __len__(self) -> int:
        return len(self.placements)


@dataclass(frozen=True, slots=True)
class Shelf:
    """One row of a page: `name` says which it is ("again", "because" …), `about` the title or category it stands on."""

    name: str
    about: str
    slate: Slate


@dataclass(frozen=True, slots=True)
class Arrangement:
    """What a reranker decided: positions into the ranked candidates, in order, and what it removed and why."""

    order: tuple[int, ...]
    removed: tuple[tuple[int, str], ...] = ()  # (position into the ranked candidates, why)


@dataclass(frozen=True, slots=True)
class Explanation:
    """Why a product is, or is not, on a slate."""

    product: str
    shown: bool
    verdict: str
    position: int | None = None
    rank: int | None = None  # place after blending, from 1
    sources: Mapping[str, int] = field(default_factory=dict)  # rank within each source that found it, from 1
    columns: Mapping[str, float] = field(default_factory=dict)
    contributions: Mapping[str, float] = field(default_factory=dict)  # log-odds a feature added, largest first
    reasons: tuple[Reason, ...] = ()
