"""Our side of the next-product benchmarks: a shop in a folder, its training, its slates, and each retriever alone.

Slates come through the public face. An arm is the scenario `home` with one retriever, nothing that scores and no
fallback: what that source finds by itself, fused where it gives two columns.
"""

import shutil
import time
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import numpy as np

from aisle import Shop
from aisle.pipeline.run import prepare, run
from aisle.records.request import Context, Request
from aisle.retrieval.semantic import Reader
from aisle.retrieval.similar import Similar
from aisle.wiring.readers import ENCODER
from benchmarks.next_product_board import Board, Lists, metered, told

SETTINGS = "[serve]\nrecord_slates = false\ndeadline_ms = 100000.0\n"


@dataclass(frozen=True)
class Options:
    """What the command line says."""

    set: str = "beauty"
    seeds: tuple[int, ...] = (0, 1, 2)
    users: int | None = None
    peers: tuple[str, ...] = ()
    raw_only: bool = False
    shuffles: int = 0
    order: str = "ties shuffled"
    folder: Path | None = None
    ranker: str = "auto"
    shoppers: int = 4000
    minutes: float = 60.0
    late: bool = False

    def sample(self, size: int) -> Any:
        """Which of `size` requests are asked, ascending; the same ones every time."""
        if self.users is None or self.users >= size:
            return np.arange(size)
        return np.sort(np.random.default_rng(0).choice(size, self.users, replace=False))


def data(name: str) -> Path:
    """A file of the shared data sets."""
    path = Path(__file__).resolve().parents[2] / "shared" / "data" / name
    if not path.exists():
        raise SystemExit(f"{path}: no such file; the data sets lie in ../shared/data beside the repository")
    return path


@contextmanager
def workplace(options: Options, name: str) -> Iterator[Path]:
    """An empty shop's folder; of a folder that was named, the encoder's cache is kept and everything else is not."""
    if options.folder is None:
        with TemporaryDirectory() as place:
            yield Path(place)
        return
    place_kept = options.folder / name
    if place_kept.exists():
        for path in place_kept.iterdir():
            if path.name != "cache":
                shutil.rmtree(path) if path.is_dir() else path.unlink()
    place_kept.mkdir(parents=True, exist_ok=True)
    yield place_kept


def opened(folder: Path, options: Options, products: Any, events: Iterable[Mapping[str, Any]]) -> Shop:
    """A shop with its log loaded; nothing may have been set aside."""
    (folder / "shop.toml").write_text(
        f'{SETTINGS}[train]\nranker = "{options.ranker}"\nshoppers = {options.shoppers}\n'
    )
    # a random key would give other pseudonyms, by whose order ties among neighbours are broken
    (folder / "shop.key").write_bytes(bytes(32))
    shop = Shop(folder)
    start = time.perf_counter()
    report = shop.load(products=products, events=events)
    for part in report.parts:
        told(f"{part.part}: {part.accepted} of {part.rows} rows loaded")
        if part.quarantined:
            raise SystemExit(f"{part.part}: {part.quarantined} rows were set aside, first {part.faults[0]}")
    told(f"loaded in {time.perf_counter() - start:.0f} s")
    return shop


def trained(shop: Shop, seed: int, board: Board, model: str = "aisle") -> None:
    """Train, and tell what it took and what was skipped."""
    with metered() as cost:
        report = shop.train(seed=seed)
    board.cost(model, "training", cost, str(seed))
    if pace := report.figures.get("sequence", {}).get("steps_a_second"):
        board.note(f"{model}, sequence", "steps a second while learning, one thread", pace, str(seed))
    board.note(model, "numbers in all models together, millions", numbers(shop) / 1e6, str(seed))
    told(f"{model}, seed {seed}: {report.seconds} {report.fitted} {report.skipped} {report.figures}")


def numbers(shop: Shop) -> int:
    """How many numbers the models hold: the language model's, networks with their product tables, tables of pairs."""
    served = shop._live.served()
    tables = [*served.parts.behaviour.expected.retrievers, served.parts.behaviour.transitions,
              served.parts.behaviour.crowd, served.parts.behaviour.copurchase]  # fmt: skip
    total = 0
    for one in tables:
        for part in vars(one).values():
            weights = getattr(part, "weights", part)
            total += sum(array.size for array in weights.values()) if isinstance(weights, dict) else 0
            total += part.nnz if hasattr(part, "nnz") else 0
            total += part.vectors.size if hasattr(part, "vectors") else 0
            if isinstance(part, Reader):
                total += part.traits.size + sum(array.size for array in part.bend.values())
    return total + sum(int(np.prod(one.dims)) for one in _language(shop.folder / "generations" / shop.generation))


def _language(folder: Path) -> Iterator[Any]:
    import onnx

    for path in (folder / ENCODER).glob("*.onnx") if (folder / ENCODER).exists() else ():
        yield from onnx.load(str(path)).graph.initializer


def slates(
    shop: Shop, asked: Sequence[Mapping[str, str]], size: int, repeat: str, codes: Mapping[str, int]
) -> tuple[Lists, Lists]:
    """What each user or session is shown through the public face, and what was ranked for it, as product codes."""
    shown, ranked = [], []
    groups = shop._live.served().generation.catalogue.groups
    for one in asked:
        slate = shop.recommend("home", size=size, repeat=repeat, **one)  # type: ignore[arg-type]
        if slate.degraded:
            raise SystemExit(f"a stage failed: {slate.degraded}")
        shown.append([codes[product] for product in slate.ids])
        rows: Any = slate.trace.ranked.rows if slate.trace else []
        ranked.append([codes[groups[row]] for row in rows])
    return shown, ranked


def arms(
    shop: Shop, asked: Sequence[Mapping[str, str]], size: int, repeat: str, codes: Mapping[str, int]
) -> dict[str, Lists]:
    """What each retriever of `home` would show by itself, by name, and what is nearest to a history by its text."""
    served = shop._live.served()
    home, groups = served.generation.scenarios["home"], served.generation.catalogue.groups
    vectors = served.parts.content.vectors
    nearest = () if vectors is None else (Similar(vectors, name="nearest texts"),)
    alone = {
        retriever.name: replace(
            home, retrievers=(retriever,), scorers=(), objectives={"fusion": 1.0}, fallback=None, preparers=()
        )
        for retriever in (*home.retrievers, *nearest)
    }
    made: dict[str, Lists] = {name: [] for name in alone}
    now = shop._live.now(served)
    for one in asked:
        request = Request(user=shop._live.pseudonym(one.get("user", "")), session=one.get("session", ""))
        context = prepare(home, request, Context(request, home.name, now, repeat=repeat))
        for name, arm in alone.items():
            rows = run(arm, request, context, size, home.candidates).rows[:size]
            made[name].append([codes[groups[row]] for row in rows])
    return made


def measured(
    shop: Shop, board: Board, asked: Sequence[Mapping[str, str]], size: int, repeat: str, codes: Mapping[str, int],
    seed: int, model: str = "aisle", alone: bool = True,
) -> None:  # fmt: skip
    """Our figures under one seed: the slates, what was ranked for them, and each arm where `alone` is set."""
    start = time.perf_counter()
    shown, ranked = slates(shop, asked, size, repeat, codes)
    seconds = time.perf_counter() - start
    board.add(model, board.measured(shown), str(seed), seconds, each=True)
    found = np.array([bool(truth & set(some)) for truth, some in zip(board.truths, ranked, strict=True)])
    board.note(model, "share of targets among what is ranked", float(found.mean()), str(seed))
    told(f"{model}, seed {seed}: {1000 * seconds / max(len(asked), 1):.1f} ms a request")
    if alone:
        for name, lists in arms(shop, asked, size, repeat, codes).items():
            board.add(f"{model}, {name} alone", board.measured(lists), str(seed))


def arms_on(board: Board, model: str = "aisle") -> list[str]:
    """The arms that a board holds."""
    return [name for name in board.models if name.startswith(f"{model}, ") and name.endswith(" alone")]
