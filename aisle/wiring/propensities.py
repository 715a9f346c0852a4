"""How likely each place was to show its product: from this the log tells what other choices would have brought."""

from collections.abc import Sequence, Set

import numpy as np

from aisle.pipeline.run import Run
from aisle.pipeline.scenario import Scenario
from aisle.records.campaign import RUNNING, Campaign
from aisle.records.history import Ints
from aisle.reranking.rules import PinsAndBuries
from aisle.retrieval.newcomers import DRAWN, chances_of


def propensities(made: Run, scenario: Scenario, rows: Ints, page: Sequence[int]) -> tuple[float, ...]:
    """Of places of all rows in order: 1 where nothing was drawn, 0 where a rule moved what was drawn, so that it cannot
    be told. What is pinned, or may not be shown, was not drawn among."""
    shown = rows.tolist()
    if DRAWN not in made.context.memo:
        return (1.0,) * len(page)
    among, drawn = made.context.memo[DRAWN]
    here = set(shown) - _pinned(made, scenario)
    free = [k for k, row in enumerate(among.tolist()) if row in here]
    chances, mine = chances_of(drawn[:, free]), among[free].tolist()
    order = [mine[k] for k in np.argsort(-drawn[0, free], kind="stable")]
    as_drawn = [row for row in shown if row in set(mine)] == order
    likely = {row: float(chances[k, order.index(row)]) if as_drawn else 0.0 for k, row in enumerate(mine)}
    return tuple(likely.get(shown[at], 1.0) for at in page)


def _pinned(made: Run, scenario: Scenario) -> Set[int]:
    """Rows that a rule or a running campaign puts first."""
    campaigns: Sequence[Campaign] = made.context.memo.get(RUNNING, ())
    rules = {pin for one in scenario.rerankers if isinstance(one, PinsAndBuries) for pin in one.pins}
    return rules | {pin for one in campaigns for pin in one.pins}
