"""How likely each place was to show its product: from this the log tells what other choices would have brought."""

from collections.abc import Sequence, Set

import numpy as np

from aisle.pipeline.run import Run, arrange
from aisle.pipeline.scenario import Scenario
from aisle.records.campaign import RUNNING, Campaign
from aisle.records.candidates import Candidates
from aisle.records.history import Ints
from aisle.reranking.discovery import COLUMN
from aisle.reranking.quotas import Quotas
from aisle.reranking.rules import PinsAndBuries
from aisle.retrieval.newcomers import DRAWN, chances_of

REPLAYED = 48  # draws that are arranged again where rules move what was drawn


def propensities(made: Run, scenario: Scenario, rows: Ints, page: Sequence[int]) -> tuple[float, ...]:
    """Of places of all rows in order: 1 where nothing was drawn, 0 where the request's sort moved what was drawn, so
    that it cannot be told. What is pinned, or may not be shown, was not drawn among. Where quotas, boosts or buries
    have their say, it is in how many of REPLAYED draws the place shows the product, this one among them."""
    if DRAWN not in made.context.memo:
        return (1.0,) * len(page)
    if _moved(made, scenario) and not made.context.request.sort:
        return _replayed(made, scenario, rows, page)
    shown = rows.tolist()
    among, drawn = made.context.memo[DRAWN]
    here = set(shown) - _pinned(made, scenario)
    free = [k for k, row in enumerate(among.tolist()) if row in here]
    chances, mine = chances_of(drawn[:, free]), among[free].tolist()
    order = [mine[k] for k in np.argsort(-drawn[0, free], kind="stable")]
    as_drawn = [row for row in shown if row in set(mine)] == order
    likely = {row: float(chances[k, order.index(row)]) if as_drawn else 0.0 for k, row in enumerate(mine)}
    return tuple(likely.get(shown[at], 1.0) for at in page)


def _replayed(made: Run, scenario: Scenario, rows: Ints, page: Sequence[int]) -> tuple[float, ...]:
    among, drawn = made.context.memo[DRAWN]
    ranked, column = made.ranked, made.ranked.columns.index(COLUMN)
    at = np.array([int(np.flatnonzero(ranked.rows == row)[0]) for row in among if row in ranked.rows], np.int64)
    known = np.isin(among, ranked.rows)
    gone = set(made.context.shown) - set(rows.tolist())  # what a page before showed stands before all of these
    hits = np.zeros(len(page), np.int64)
    for draw in drawn[:REPLAYED]:
        scores = ranked.scores.copy()
        scores[at, column] = draw[known]
        order, _ = arrange(scenario, made.context, Candidates(ranked.rows, scores, ranked.columns), len(rows), [])
        again = [row for row in ranked.rows[list(order)].tolist() if row not in gone]
        hits += [place < len(again) and again[place] == rows[place] for place in page]
    return tuple((hits / REPLAYED).tolist())


def _moved(made: Run, scenario: Scenario) -> bool:
    """Does anything behind the draws move products, but for pins?"""
    campaigns: Sequence[Campaign] = made.context.memo.get(RUNNING, ())
    quotas = any(one.quotas for one in scenario.rerankers if isinstance(one, Quotas))
    buries = any(one.buries for one in scenario.rerankers if isinstance(one, PinsAndBuries))
    return quotas or buries or any(one.boosted is not None or one.buried is not None for one in campaigns)


def _pinned(made: Run, scenario: Scenario) -> Set[int]:
    """Rows that a rule or a running campaign puts first."""
    campaigns: Sequence[Campaign] = made.context.memo.get(RUNNING, ())
    rules = {pin for one in scenario.rerankers if isinstance(one, PinsAndBuries) for pin in one.pins}
    return rules | {pin for one in campaigns for pin in one.pins}
