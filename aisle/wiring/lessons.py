"""Judgements or clicks → relevance: what is learned from them, and what came of it."""

import json
import shutil
from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import numpy as np

from aisle.encoders.cross import READINGS, CrossEncoder
from aisle.encoders.text import TextEncoder
from aisle.ranking.signals import SIGNALS
from aisle.records.history import Floats, Ints, Longs
from aisle.settings import Settings
from aisle.stages import Progress
from aisle.wiring.judge import Pairs, asked_of, signals_of, texts_of
from aisle.wiring.parts import Content, closer_at
from aisle.wiring.readers import CROSS, gloss_of
from aisle.wiring.report import Trained
from aisle.wiring.taught import Taught

WHAT = {"judgements": "judgements", "clicks": "pairs of a query and a product that shoppers saw"}
ENOUGH = 1000  # pairs from which the encoder learns to read query and product together
DIFFERENT = 10  # queries of these
MORE = 0.01  # by which what clicks teach must follow those on other queries better than the sum of signals does
CHANCE = 3.0  # standard errors of a correlation
EPOCHS = 3  # at most
TURNS = 3  # parts of the queries, each of which is kept from one reader by which the epoch and the weight are chosen
HELD = 0.15  # share of the queries that are kept instead, once, where there is no time for turns
MOST_HELD = 4000  # pairs of these
WEIGHTS = np.linspace(0, 1, 21)  # of reading, beside the signals
SEARCHED, BESIDE = 1500, 30  # queries that are searched for candidates that nobody judged, and how many of each
FOUND = 600  # rows that their words, and as many that their meaning find


def same_words(query: str, stem: Callable[[str], str]) -> str:
    """What wordings of the same words share: their stems, in alphabetical order."""
    return " ".join(sorted(stem(word) for word in query.lower().split()))


def fit_relevance(
    told: Taught, content: Content, folder: Path, settings: Settings, seed: int, report: Trained, progress: Progress
) -> None:
    """Fit relevance to what the shop was taught, if that is enough: from signals, and by reading both texts as one."""
    if told.skipped:
        report.skipped["relevance model"] = f"{told.skipped}: signals are summed"
        return
    relevance = content.relevance.scale(told.values)
    lessons = Lessons(content, told.pairs, relevance.scaled(told.values), seed, progress)
    if told.kind == "clicks":
        report.figures["clicks"] = {**told.figures, **lessons.worth()}
        if not lessons.tell(**report.figures["clicks"]):
            report.skipped["relevance model"] = "clicks on unseen queries follow the sum of signals as well"
            relevance.unlearned()
            return
    why = unread(content, len(told.pairs), len(np.unique(lessons.queries)), settings)
    if why:
        report.skipped["reading query and product together"] = why
    else:
        lessons.read_together(folder / CROSS, settings, report)
    lessons.fit()
    report.fitted.append(f"relevance on {len(told.pairs)} {WHAT[told.kind]}")


def unread(content: Content, pairs: int, queries: int, settings: Settings) -> str:
    """Why nothing learns to read query and product together; empty where it can."""
    if settings.search.tune == "none":
        return "shop.toml says none"
    if content.encoder is None:
        return "products have no vectors"
    if pairs < ENOUGH:
        return f"{pairs} judged or clicked pairs of a query and a known product, {ENOUGH} are needed"
    if queries < DIFFERENT:
        return f"{queries} different queries, {DIFFERENT} are needed"
    return "" if find_spec("torch") else "no torch: pip install 'aisle[train]'"


@dataclass
class Lessons:
    """Judged pairs of known products, and what is learned from them. wanted: float32 (n,), 0 to 1."""

    content: Content
    pairs: Pairs
    wanted: Floats
    seed: int
    progress: Progress

    @cached_property
    def signals(self) -> Floats:
        """Every signal of every pair."""
        return signals_of(self.content, self.pairs)

    @cached_property
    def queries(self) -> Longs:
        """The number of each pair's query; wordings of the same words are one."""
        stem = self.content.speller.tongue.stem
        same = [same_words(query, stem) for query, _ in self.pairs]
        return np.unique(same, return_inverse=True)[1].astype(np.int64)

    def parts(self, budget: int) -> list[Longs]:
        """Pairs to judge by, each time others: all of them in turn where as much may be read, else a share once.

        int64 numbers of pairs; pairs of one query stay together."""
        distinct = int(self.queries.max()) + 1
        order = np.random.default_rng([self.seed, distinct]).permutation(distinct)
        if (TURNS + 1) * EPOCHS * READINGS * len(self.pairs) <= budget:
            return [np.flatnonzero(np.isin(self.queries, order[turn::TURNS])) for turn in range(TURNS)]
        held = np.flatnonzero(np.isin(self.queries, order[: max(1, round(HELD * distinct))]))
        return [np.sort(np.random.default_rng(self.seed).permutation(held)[:MOST_HELD])]

    def worth(self) -> dict[str, float]:
        """How well the sum of signals, and what one half of the queries teaches of the other, tell apart the products
        of a query: the correlation of each with what was wanted, both less the mean of the query."""
        half = np.random.default_rng([self.seed, 3]).permutation(int(self.queries.max()) + 1)[self.queries] % 2
        relevance, learned = self.content.relevance, np.zeros(len(self.wanted), np.float32)
        summed = relevance.of(self.signals)
        for one in (0, 1):
            told = half == one
            relevance.fit(self.signals[told], self.wanted[told], self.queries[told], self.seed)
            learned[~told] = relevance.of(self.signals[~told])
        relevance.judged = None
        wanted = _beside(self.wanted, self.queries)
        pairs = {"summed": summed, "learned": learned}
        return {name: round(_alike(_beside(said, self.queries), wanted), 4) for name, said in pairs.items()}

    def tell(self, learned: float, summed: float, **_: Any) -> bool:
        """Is what clicks teach better than the sum of signals, and more than chance."""
        return learned >= max(summed, 0.0) + MORE and learned > CHANCE / np.sqrt(len(self.pairs))

    def fit(self) -> None:
        """What signals say: of pairs that judges saw, and of candidates that a search finds."""
        relevance = self.content.relevance
        relevance.fit(self.signals, self.wanted, self.queries, self.seed)
        found, queries = self.unjudged()
        nobody = np.full(len(found), np.nan, np.float32)
        relevance.fit_among(
            np.concatenate([self.signals, found]), np.r_[self.wanted, nobody], np.r_[self.queries, queries], self.seed
        )

    def unjudged(self) -> tuple[Floats, Longs]:
        """Signals of some candidates that nobody judged, of some of the queries, and the numbers of these."""
        content, random = self.content, np.random.default_rng([self.seed, 1])
        row = content.catalogue.row_of_id
        _, firsts = np.unique(self.queries, return_index=True)
        chosen = np.sort(random.permutation(firsts)[:SEARCHED])
        signals, numbers = [np.zeros((0, len(SIGNALS)), np.float32)], [np.zeros(0, np.int64)]
        for at in self.progress(chosen.tolist(), "searching what was judged", len(chosen)):
            mine = [row(self.pairs[k][1]) for k in np.flatnonzero(self.queries == self.queries[at])]
            rows = np.setdiff1d(candidates_of(content, self.pairs[at][0]), mine)
            rows = np.sort(random.permutation(rows)[:BESIDE]).astype(np.int32)
            asked, vector = asked_of(content, self.pairs[at][0])
            signals.append(content.relevance.about.all(asked, vector, rows))
            numbers.append(np.full(len(rows), self.queries[at]))
        return np.concatenate(signals), np.concatenate(numbers)

    def read_together(self, folder: Path, settings: Settings, report: Trained) -> None:
        """The encoder learns to read both texts together, and is kept where that says more than the signals."""
        budget, relevance = settings.search.tune_pairs, self.content.relevance
        told, read, epochs = np.zeros(len(self.pairs), np.float32), np.zeros(len(self.pairs), np.float32), list[int]()
        parts = self.parts(budget)
        for held in parts:
            of_others = ~np.isin(self.queries, np.unique(self.queries[held]))
            relevance.fit(self.signals[of_others], self.wanted[of_others], self.queries[of_others], self.seed)
            told[held] = relevance.of(self.signals[held])
            cross, figures = self._cross(np.flatnonzero(of_others), held, EPOCHS, settings)
            read[held] = cross.score(self._glossed(held, settings))
            epochs.append(int(np.argmin(figures)) + 1)
        if len(parts) > 1:
            everything, nothing = np.arange(len(self.pairs)), np.zeros(0, np.int64)
            cross, _ = self._cross(everything, nothing, round(float(np.mean(epochs))), settings)
        cross.export(folder)
        some = np.concatenate(parts)
        self._weigh(told[some], read[some], some, folder, report)

    def _cross(self, told: Longs, held: Longs, epochs: int, settings: Settings) -> tuple[Any, list[float]]:
        """What some pairs teach, and how well it judged others after every epoch."""
        budget, random = settings.search.tune_pairs, np.random.default_rng([self.seed, 2])
        told = np.sort(random.permutation(told)[: max(1, budget // READINGS)])
        some = np.r_[told, held]
        encoder = TextEncoder(settings.encoder.model, settings.encoder.batch)
        cross = CrossEncoder(encoder, settings.search.tune, self.seed)
        epochs = int(np.clip(budget // max(READINGS * len(told), 1), 1, epochs))
        judged_by = np.arange(len(some)) >= len(told)
        texts = self._glossed(some, settings)
        return cross, cross.fit(texts, self.wanted[some], judged_by, epochs, self.progress)

    def _glossed(self, some: Longs, settings: Settings) -> Pairs:
        """Texts of some pairs, in words that the encoder reads."""
        gloss = gloss_of(settings.encoder.model)
        texts = texts_of(self.content, [self.pairs[k] for k in some])
        return [(gloss(query), gloss(text)) for query, text in texts]

    def _weigh(self, signals: Floats, read: Floats, some: Longs, folder: Path, report: Trained) -> None:
        """How much reading counts, on the line that fits it: what says best, of queries that neither has seen, how much
        better than the others of its query each product is."""
        wanted, queries = self.wanted[some], self.queries[some]
        slope, offset = np.polyfit(read, wanted, 1) if np.ptp(read) else (0.0, float(wanted.mean()))
        read = np.asarray(offset + slope * read, np.float32)
        off = [(1 - w) * signals + w * read - wanted for w in WEIGHTS]
        best = int(np.argmin([np.mean(np.square(_beside(one, queries))) for one in off]))
        weight = float(WEIGHTS[best])
        told = {"signals": off[0], "reading": off[-1], "both": off[best]}
        span = self.content.relevance.span
        report.figures["relevance"] = {
            "held_out_pairs": len(wanted), "weight_of_reading": round(weight, 2),
            "rmse": {name: round(span * float(np.sqrt(np.mean(np.square(one)))), 4) for name, one in told.items()},
        }  # fmt: skip
        if not weight:
            shutil.rmtree(folder)
            report.skipped["reading query and product together"] = "it judged unseen queries no better than signals do"
            return
        scale = {"weight": weight, "offset": float(offset), "slope": float(slope)}
        (folder / "scale.json").write_text(json.dumps(scale))
        self.content.closer = closer_at(folder.parent, self.content.catalogue)
        report.fitted.append(f"reading query and product together, on {len(self.pairs)} pairs")


def _alike(one: Floats, other: Floats) -> float:
    """The correlation of two columns; 0 where either never changes."""
    return float(np.corrcoef(one, other)[0, 1]) if np.ptp(one) and np.ptp(other) else 0.0


def _beside(values: Floats, queries: Longs) -> Floats:
    """Values less the mean of their query's."""
    _, owner = np.unique(queries, return_inverse=True)
    return np.asarray(values - (np.bincount(owner, values) / np.bincount(owner))[owner], np.float32)


def candidates_of(content: Content, query: str) -> Ints:
    """Rows that the words or the meaning of a query find, int32, ascending."""
    asked, vector = asked_of(content, query)
    everything = np.ones(len(content.catalogue), bool)
    found = [content.texts.search(asked, everything, FOUND)[0]]
    if content.vectors is not None and len(vector):
        found.append(content.vectors.search(vector[None, :], everything, FOUND)[0][0])
    return np.unique(np.concatenate(found)).astype(np.int32)
