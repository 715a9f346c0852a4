"""`rank` and `relevance`: somebody else's candidates, ordered or scored."""

import uuid
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from typing import Any

import numpy as np

from aisle.catalogue.offers import NO_PRICE
from aisle.errors import InputError
from aisle.pipeline.deadline import in_turn
from aisle.pipeline.run import FUSED, Run, blend, names_of_ranks, prepare, score, weights_of
from aisle.pipeline.scenario import Scenario
from aisle.ranking.closer import Closer
from aisle.ranking.nearby import Nearby
from aisle.ranking.relevance import Relevance
from aisle.records.candidates import Candidates, reciprocal, together
from aisle.records.history import Floats
from aisle.records.request import Context, Request
from aisle.records.slate import Placement, Reason, Removal, Slate
from aisle.stages import Scorer
from aisle.wiring.answer import check, cut, moment_of
from aisle.wiring.asked import text
from aisle.wiring.judge import read_of, signals_of
from aisle.wiring.live import Live

NAMED = 600  # rows that a source is asked for: what it does not name has no column of it
READ = 100  # products of a list that are read together with the query


def rank(live: Live, products: Sequence[str], request: Request, now: object = None) -> Slate:
    """A permutation of the products given: best first; unknown and hidden ones last, with a reason."""
    served = live.served()
    scenario = served.generation.scenarios["search" if request.query.strip() else "home"]
    check(live, request, "allow")
    asked = replace(request, query=cut(request.query), user=live.pseudonym(request.user))
    moment = moment_of(live, served, now)
    context = prepare(scenario, asked, Context(asked, scenario.name, moment))
    catalogue = served.generation.catalogue
    units = [catalogue.ids.get(product, -1) for product in products]
    rows = [int(catalogue.row_of[unit]) if unit >= 0 else -1 for unit in units]
    known = np.array(list(dict.fromkeys(row for row in rows if row >= 0)), np.int32)
    degraded: list[str] = []
    found = described(scenario, context, known)
    scored = score(closely(scenario), context, found, degraded)
    ranked = blend(scenario, scored)
    place = {int(row): at for at, row in enumerate(ranked.rows)}
    value = {int(row): float(s) for row, s in zip(ranked.rows, ranked.scores[:, -1], strict=True)}
    market = context.request.market
    showable, offers = served.overlay.showable(market) & context.units, served.overlay.offers(market)
    reading = context.reading
    wished = reading.without or reading.price != (None, None)
    kept_back = "hidden, sold out, or not what the query allows" if wished else "hidden or sold out"

    def key(at: int) -> tuple[bool, bool, int, int]:
        return units[at] < 0, units[at] >= 0 and not showable[units[at]], place.get(rows[at], 0), at

    order, placements, removed = sorted(range(len(products)), key=key), [], []
    for position, at in enumerate(order):
        why = "not in the catalogue" if units[at] < 0 else "" if showable[units[at]] else kept_back
        if why:
            removed.append(Removal(products[at], "rank", why))
        facts = Placement(
            products[at], products[at], position, float("-inf"), (Reason("rank", why or "ranked as asked"),)
        )
        placements.append(facts if units[at] < 0 else replace(
            facts, group=catalogue.groups[rows[at]], score=value.get(rows[at], float("-inf")),
            title=catalogue.said("title", units[at]), brand=catalogue.said("brand", units[at]),
            price=None if offers.price[units[at]] == NO_PRICE else int(offers.price[units[at]]),
            currency=str(offers.currency[units[at]]),
        ))  # fmt: skip
    made = Run(context, found, ranked, tuple(range(len(ranked))))
    slate = Slate(
        uuid.uuid4().hex, scenario.name, tuple(placements), served.generation.id, tuple(removed), total=len(products),
        degraded=tuple(degraded), notes=context.notes, query=context.reading.corrected,
        propensities=(1.0,) * len(placements),
        trace=made.trace(tuple(row for row in rows if row >= 0)),
    )  # fmt: skip
    live.watch(slate)
    return slate


def described(scenario: Scenario, context: Context, rows: Any) -> Candidates:
    """Rows as if every source had been asked about them: with the columns of those that name them, and what these come
    to together, 0 where none does."""
    gathered = in_turn(scenario.retrievers, context, NAMED)
    said = together(list(gathered.found.values()))
    total = reciprocal(said.ranks(), weights_of(scenario, said))
    worth = np.zeros(len(context.mask), np.float32)
    worth[said.rows] = total
    said = said.beside(names_of_ranks(said), said.ranks())
    found = together([said, Candidates(rows, worth[rows][:, None], (FUSED,))])
    return found.take(np.flatnonzero(np.isin(found.rows, rows)))


def closely(scenario: Scenario) -> Scenario:
    """A scenario that judges what it is given, rather than what a search would find, and reads more of it closer;
    where all of a list is to be ordered, nothing only comes near."""
    judging: list[Scorer] = []
    for scorer in scenario.scorers:
        if isinstance(scorer, Relevance):
            scorer = replace(scorer, given=True)
        elif isinstance(scorer, Closer):
            scorer = replace(scorer, depth=READ, words=None, least=0.0)
        if not isinstance(scorer, Nearby):
            judging.append(scorer)
    return replace(scenario, scorers=tuple(judging))


def _paired(pairs: object) -> list[tuple[str, str]]:
    """Queries and products, as texts. Raises InputError for what is none."""
    told: list[Any] = list(pairs) if isinstance(pairs, Iterable) and not isinstance(pairs, str | Mapping) else [pairs]
    wrong = next((one for one in told if not isinstance(one, list | tuple) or len(one) != 2), None)
    if wrong is not None or told == [None]:
        raise InputError("relevance", wrong, "pairs of a query and a product id")
    unread = next((query for query, _ in told if not isinstance(query, str)), None)
    if unread is not None:
        raise InputError("relevance", unread, "pairs of a query and a product id")
    return [(query, text("relevance", product)) for query, product in told]


def relevance(live: Live, pairs: Iterable[tuple[str, str]]) -> Floats:
    """float32 (n,), on the scale of the shop's judgements where there are any, higher is more relevant; a product that
    is not in the catalogue has the lowest of all, -1 or what is 1 below the scale."""
    content = live.served().parts.content
    pairs = _paired(pairs)
    known = np.array([content.catalogue.row_of_id(product) >= 0 for _, product in pairs], bool)
    asked = [(cut(query), product) for (query, product), one in zip(pairs, known, strict=True) if one]
    made = content.relevance.of(signals_of(content, asked))
    if content.closer is not None and live.settings.search.closer:
        made += content.closer.weight * (read_of(content, content.closer, asked) - made)
    scores = np.full(len(pairs), min(-1.0, content.relevance.low - 1), np.float32)
    scores[known] = content.relevance.as_judged(made)
    return scores
