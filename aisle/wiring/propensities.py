"""How likely each place was to show its product: from this the log tells what other choices would have brought."""

import time
from collections.abc import Sequence, Set
from dataclasses import replace

import numpy as np

from aisle.pipeline.run import Run, arrange
from aisle.pipeline.scenario import Scenario
from aisle.records.campaign import RUNNING, Campaign
from aisle.records.candidates import Candidates
from aisle.records.history import Ints
from aisle.reranking.discovery import COLUMN, Discovery
from aisle.reranking.quotas import Quotas
from aisle.reranking.rules import PinsAndBuries
from aisle.retrieval.newcomers import DRAWN, chances_of

REPLAYED = 32  # draws that are arranged again where rules move what was drawn
SPARE = 4  # times as many candidates as places are arranged again


def propensities(made: Run, scenario: Scenario, rows: Ints, page: Sequence[int]) -> tuple[float, ...]:
    """Of places of all rows in order: 1 where nothing was drawn, 0 where the request's sort moved what was drawn, so
    that it cannot be told. What is pinned, or may not be shown, was not drawn among. Where quotas, boosts or buries
    have their say, it is in how many of REPLAYED draws the place shows the product, this one among them."""
    if DRAWN not in made.context.memo or not page:
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
    """What stands before the draws is arranged once, and of the others no more than a page can come to."""
    among, drawn = made.context.memo[DRAWN]
    first = next(k for k, one in enumerate(scenario.rerankers) if isinstance(one, Discovery))
    before = replace(scenario, rerankers=scenario.rerankers[:first])
    behind = replace(scenario, rerankers=scenario.rerankers[first:])
    order, _ = arrange(before, made.context, made.ranked, len(made.ranked), [])
    base = made.ranked.take(np.array(order, np.int64))
    near = np.arange(len(base)) < len(made.context.shown) + SPARE * (max(page) + 1)
    base = base.take(np.flatnonzero(near | np.isin(base.rows, among)))
    column, place = base.columns.index(COLUMN), {int(row): at for at, row in enumerate(base.rows)}
    known = [k for k, row in enumerate(among.tolist()) if row in place]
    at = np.array([place[int(among[k])] for k in known], np.int64)
    gone = set(made.context.shown) - set(rows.tolist())  # what a page before showed stands before all of these
    hits, done = np.zeros(len(page), np.int64), 0
    for draw in drawn[:REPLAYED]:
        scores = base.scores.copy()
        scores[at, column] = draw[known]
        order, _ = arrange(behind, made.context, Candidates(base.rows, scores, base.columns), len(base), [])
        again = [row for row in base.rows[list(order)].tolist() if row not in gone]
        hits += np.array([one < len(again) and again[one] == rows[one] for one in page], np.int64)
        done += 1
        if time.monotonic() > made.context.deadline:
            break
    return tuple((np.maximum(hits, 1) / done).tolist())


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
