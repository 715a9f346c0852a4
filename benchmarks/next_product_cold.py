"""Beauty with products that nobody bought: 605 of them, 5 %, are taken out of the log that the shop learns from. Each
seed takes out others: whose products they are moves the figures more than how a model was begun.

They stay in the catalogue, with their titles. One place of ten is kept for products without a buyer
(`serve.discovery = 1`); a hit is the cold target in that one place. Beside it stand the bare language model, which
fills the place with what reads most like the history, and what the place costs the others. `--set beauty-cold`.

With `--late` they are no part of the catalogue either when the shop is trained: they are loaded later, and a refresh
lets them be found.

The same run tells recall@10 by how often the target was bought in the log: never, 1 to 5 times, 6 to 20, more.
"""

from collections import defaultdict
from collections.abc import Mapping
from typing import Any

import numpy as np

from aisle import Shop
from aisle.evaluation.bootstrap import interval, lift
from aisle.pipeline.run import prepare
from aisle.records.request import Context, Request
from aisle.reranking.discovery import LAST
from aisle.retrieval.newcomers import Newcomers
from aisle.retrieval.similar import Similar
from benchmarks.next_product_beauty import Beauty
from benchmarks.next_product_board import NEXT, Board, Values, metered
from benchmarks.next_product_shop import Options, opened, slates, trained, workplace
from benchmarks.rows import Row

COLD = 605
BUCKETS = {"never": (0, 0), "1-5": (1, 5), "6-20": (6, 20), "more than 20": (21, 1 << 30)}
PLACE = "hit in the one place kept"


def run(options: Options) -> Board:
    """Every seed: training without its cold products, then slates with and without the place; and all seeds' places."""
    beauty, rows, places = Beauty.read(), list[Row](), defaultdict[str, list[Values]](list)
    for seed in options.seeds:
        rows += _drawn(beauty, options, seed, places)
    board = Board("beauty-cold", [], NEXT, "r@10", rows)
    for model, hits in places.items() if len(options.seeds) > 1 else ():
        _row(board, model, PLACE, np.concatenate(hits), "mean")
    return board


def _drawn(beauty: Beauty, options: Options, seed: int, places: dict[str, list[Values]]) -> list[Row]:
    """One seed's draw; `places` takes who was hit in the place that is kept, by system."""
    cold = frozenset(np.random.default_rng(seed).choice(len(beauty.ids), COLD, replace=False).tolist())
    pasts = [[int(item) for item in sequence[:-1] if int(item) not in cold] for sequence in beauty.sequences]
    targets = np.array([int(sequence[-1]) for sequence in beauty.sequences])
    is_cold = np.array([int(target) in cold and bool(past) for target, past in zip(targets, pasts, strict=True)])
    others = options.sample(len(targets))
    share = float(is_cold.mean())  # of all users: those who are asked are more often cold
    asked = np.unique(np.concatenate([np.flatnonzero(is_cold), others[~np.isin(targets[others], list(cold))]]))
    board = Board("beauty-cold", [frozenset((int(targets[u]),)) for u in asked], NEXT, "r@10")
    events = [{"type": "purchase", "user": user, "product": beauty.ids[item]}
              for user, past in zip(beauty.users, pasts, strict=True) for item in past]  # fmt: skip
    bought = np.bincount([item for past in pasts for item in past], minlength=len(beauty.ids))
    code = {name: number for number, name in enumerate(beauty.ids)}
    requests = [{"user": beauty.users[u]} for u in asked]
    late = {beauty.ids[item] for item in cold} if options.late else set()
    first = [product for product in beauty.products if product["id"] not in late]
    with workplace(options, "beauty-cold") as folder, opened(folder, options, first, events) as shop:
        trained(shop, seed, board)
        if late:
            shop.load(products=[product for product in beauty.products if product["id"] in late])
            with metered() as cost:
                shop.refresh()
            board.cost("aisle", "refresh", cost, str(seed))
        hits = _told(shop, board, requests, code, is_cold[asked], bought[targets[asked]], seed, share)
    for model, values in hits.items():
        places[model].append(values)
    return board.rows


def _told(
    shop: Shop,
    board: Board,
    requests: list[dict[str, str]],
    code: Mapping[str, int],
    cold: Any,
    bought: Any,
    seed: int,
    share: float,
) -> dict[str, Values]:
    """The figures of one training; who was hit in the place that is kept, by system."""
    bare = slates(shop, requests, 10, "exclude", code)[0]
    settings = shop.folder / "shop.toml"
    before = settings.read_text()
    settings.write_text(before.replace("[serve]\n", "[serve]\ndiscovery = 1\n"))
    with Shop(shop.folder) as kept:
        lists = slates(kept, requests, 10, "exclude", code)[0]
        place = [made[LAST - 1 : LAST] for made in lists]
        alike = _alike(kept, requests, code)
    settings.write_text(before)
    without, given = board.measured(bare)["r@10"], board.measured(lists)["r@10"]
    hits = {model: board.measured(column)["r@5"][cold] for model, column in (("aisle", place), ("text alone", alike))}
    for model, values in hits.items():
        _row(board, model, PLACE, values, seed)
    _row(board, "aisle, no place kept", "r@10", without[~cold], seed)
    _row(board, "aisle", "r@10 of the others", given[~cold], seed)
    _row(board, "aisle", "r@10 of all", given, seed)
    _row(board, "aisle, no place kept", "r@10 of all", without, seed)
    natural = np.where(cold, share / cold.mean(), (1 - share) / (1 - cold.mean()))
    change = lift(given * natural, without * natural)
    board.rows.append(Row(board.name, "aisle", f"r@10 of all, {share:.1%} cold as they come, over no place kept",
                          change.value, change.low, change.high, seed=str(seed)))  # fmt: skip
    for name, (low, high) in BUCKETS.items():
        mine = (bought >= low) & (bought <= high)
        _row(board, "aisle, no place kept", f"r@10, target bought {name}", without[mine], seed)
    return hits


def _row(board: Board, model: str, metric: str, values: Values, seed: int | str) -> None:
    found = interval(values)
    board.rows.append(Row(board.name, model, f"{metric} (n = {len(values)})", found.value, found.low, found.high,
                          seed=str(seed)))  # fmt: skip


def _alike(shop: Shop, requests: list[dict[str, str]], code: Mapping[str, int]) -> list[list[int]]:
    """What the bare language model puts into the place."""
    served = shop._live.served()
    home, vectors = served.generation.scenarios["home"], served.parts.content.vectors
    if vectors is None:
        raise SystemExit("Beauty's titles were not encoded")
    source, made, now = Newcomers((Similar(vectors),), served.parts.content.fresh), [], shop._live.now(served)
    for one in requests:
        request = Request(user=shop._live.pseudonym(one["user"]))
        context = prepare(home, request, Context(request, home.name, now, repeat="exclude"))
        rows = source.retrieve(context, 1).rows
        made.append([code[served.generation.catalogue.groups[row]] for row in rows])
    return made
