"""What the characters of a Chinese title are: a thing, a brand, a model, something else that matters.

    python -m benchmarks.attributes [--json] [--seeds 0 1 2]

`title_entities_zh`: 7,004 titles whose characters people labelled, of 5,110 texts. Each text is in one of five folds of
a seed; one is told, the others teach. F1 is of whole spans, over all of them and by label (HCCX things, HPPX brands, XH
models, MISC), with an interval by bootstrap over titles. Beside our tagger a conditional random field of the usual
features (Sha and Pereira, NAACL 2003: characters around, their pairs, and their kinds), by the same library with the
same penalties, and a lookup of the longest texts that the lessons mostly label so.
"""

import argparse
import tempfile
from collections import Counter, defaultdict
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow.parquet as pq
import pycrfsuite
from numpy.typing import NDArray

from aisle.evaluation.bootstrap import RESAMPLES
from aisle.language.tagging import OUTSIDE, PENALTIES, Tagger, spans
from aisle.language.words import is_han
from benchmarks.next_product_board import metered, told
from benchmarks.rows import Row, show

PATH = Path(__file__).parents[2] / "shared" / "data" / "title_entities_zh" / "sentences.parquet"
FOLDS = 5
Labels = Sequence[str]
Titles = Sequence[Sequence[str]]
Counts = NDArray[np.int64]


def titles() -> tuple[list[list[str]], list[list[str]]]:
    """Characters and labels of every text, each text once."""
    if not PATH.exists():
        raise SystemExit(f"{PATH} is missing: this benchmark needs the shared data")
    table = pq.read_table(PATH).to_pydict()
    once = dict(zip(table["text"], table["tags"], strict=True))
    return [list(text) for text in once], [list(labels) for labels in once.values()]


def plain(characters: Sequence[str]) -> list[list[str]]:
    """The usual features of a character."""
    said = ["<", "<", *characters, ">", ">"]
    kinds = ["han" if is_han(c) else "digit" if c.isdigit() else "letter" if c.isalpha() else "sign" for c in said]
    return [
        ["all", *(f"{o}={said[k + 2 + o]}" for o in range(-2, 3)),
         *(f"{o}+={said[k + 2 + o]}{said[k + 3 + o]}" for o in range(-2, 2)),
         *(f"{o}k={kinds[k + 2 + o]}" for o in (-1, 0, 1))]
        for k in range(len(characters))
    ]  # fmt: skip


def crf(lessons: Titles, labels: Sequence[Labels], asked: Titles) -> list[list[str]]:
    """The same library and penalties with the usual features."""
    trainer, tagger = pycrfsuite.Trainer(verbose=False), pycrfsuite.Tagger()
    trainer.set_params(PENALTIES)
    for title, told_of in zip(lessons, labels, strict=True):
        trainer.append(plain(title), told_of)
    with tempfile.TemporaryDirectory() as folder:
        trainer.train(f"{folder}/tagger")
        tagger.open(f"{folder}/tagger")
        return [list(tagger.tag(plain(title))) for title in asked]


def aisle(lessons: Titles, labels: Sequence[Labels], asked: Titles) -> list[list[str]]:
    """What `aisle attributes` reads titles with."""
    tagger = Tagger.fit(lessons, labels)
    return [tagger.tag(title) for title in asked]


def lookup(lessons: Titles, labels: Sequence[Labels], asked: Titles) -> list[list[str]]:
    """From the left the longest text that the lessons label more often than not."""
    seen, said = defaultdict[str, Counter[str]](Counter), Counter[str]()
    for title, told_of in zip(lessons, labels, strict=True):
        for start, end, label in spans(told_of):
            seen["".join(title[start:end])][label] += 1
    longest = max(map(len, seen))
    for title in lessons:
        for at in range(len(title)):
            said.update({"".join(title[at:end]) for end in range(at + 1, min(at + longest, len(title)) + 1)})
    known = {text: some.most_common(1)[0][0] for text, some in seen.items() if 2 * some.total() >= said[text]}

    def read(title: Sequence[str]) -> list[str]:
        found, at = list[str](), 0
        while at < len(title):
            sizes = range(min(longest, len(title) - at), 0, -1)
            size = next((n for n in sizes if "".join(title[at : at + n]) in known), 0)
            label = known.get("".join(title[at : at + size]), "")
            found += [f"B-{label}", *[f"I-{label}"] * (size - 1)] if size else [OUTSIDE]
            at += max(size, 1)
        return found

    return [read(title) for title in asked]


WAYS: dict[str, Callable[[Titles, Sequence[Labels], Titles], list[list[str]]]] = {
    "aisle": aisle, "CRF": crf, "lookup": lookup,
}  # fmt: skip


def counts(found: Sequence[Labels], truth: Sequence[Labels], label: str = "") -> Counts:
    """(titles, 3): spans that are right, found, and there, of one label or of all."""

    def some(labels: Labels) -> set[tuple[int, int, str]]:
        return {span for span in spans(labels) if label in ("", span[2])}

    pairs = [(some(one), some(other)) for one, other in zip(found, truth, strict=True)]
    return np.array([(len(one & other), len(one), len(other)) for one, other in pairs])


def f1(of: Counts, seed: int = 0) -> tuple[float, float, float]:
    """F1 over all spans and its interval: titles are drawn again."""
    draws = np.random.default_rng(seed).integers(0, len(of), (RESAMPLES, len(of)))
    sums = np.array([of[draw].sum(axis=0) for draw in draws])
    low, high = np.quantile(2 * sums[:, 0] / (sums[:, 1] + sums[:, 2]), [0.025, 0.975])
    return float(2 * of[:, 0].sum() / of[:, 1:].sum()), float(low), float(high)


def measured(seed: int) -> list[Row]:
    """Every way, one seed."""
    texts, labels = titles()
    fold = np.random.default_rng(seed).permutation(len(texts)) % FOLDS
    teach, tell = np.flatnonzero(fold > 0), np.flatnonzero(fold == 0)
    truth, rows, kept = [labels[k] for k in tell], list[Row](), dict[str, Counts]()

    def pick(things: list[Any], of: NDArray[np.int64]) -> list[Any]:
        return [things[k] for k in of]

    for name, way in WAYS.items():
        with metered() as cost:
            found = way(pick(texts, teach), pick(labels, teach), pick(texts, tell))
        kept[name] = counts(found, truth)
        rows.append(Row("title_entities_zh", name, "F1", *f1(kept[name]), cost.cpu, cost.peak, str(seed)))
        rows += [Row("title_entities_zh", name, f"F1 {label}", *f1(counts(found, truth, label)), seed=str(seed))
                 for label in ("HCCX", "HPPX", "XH", "MISC")]  # fmt: skip
        told(f"seed {seed}, {name}: {rows[-5].value:.4f}")
    draws = np.random.default_rng(0).integers(0, len(tell), (RESAMPLES, len(tell)))

    def over(draw: NDArray[np.int64]) -> float:
        one, other = (kept[name][draw].sum(axis=0) for name in ("aisle", "CRF"))
        return float(2 * one[0] / one[1:].sum() - 2 * other[0] / other[1:].sum())

    low, high = np.quantile([over(draw) for draw in draws], [0.025, 0.975])
    rows.append(Row("title_entities_zh", "aisle", "F1 over the CRF's, paired", over(np.arange(len(tell))), float(low),
                    float(high), seed=str(seed)))  # fmt: skip
    return rows


def main() -> None:
    """Run it."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--json", action="store_true")
    parser.add_argument("--seeds", type=int, nargs="+", default=[0, 1, 2])
    options = parser.parse_args()
    rows = [row for seed in options.seeds for row in measured(seed)]
    show(rows, options.json, "Titles, character by character")


if __name__ == "__main__":
    main()
