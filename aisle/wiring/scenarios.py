"""Stages → scenarios: which retrievers, scorers and rerankers home, search, product page … are made of."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from functools import partial
from zoneinfo import ZoneInfo

import numpy as np

from aisle.catalogue.offers import Overlay
from aisle.language.thesaurus import Thesaurus
from aisle.language.words import words
from aisle.pipeline.prepare import Anchor, Memory, Narrow, Own, Read, Remember, Repeat, Settle, Show, Stand, Withhold
from aisle.pipeline.scenario import Scenario
from aisle.ranking.described import Ranking
from aisle.ranking.due import COLUMN as DUE
from aisle.ranking.due import Due
from aisle.ranking.nearby import Nearby
from aisle.ranking.prior import Prior
from aisle.ranking.related import Related
from aisle.ranking.worth import Worth
from aisle.records.event import CODES
from aisle.records.history import Longs
from aisle.retrieval.chosen import Chosen
from aisle.retrieval.considered import Considered
from aisle.retrieval.identified import Identified
from aisle.retrieval.interview import Answered, Interview
from aisle.retrieval.lexical import Lexical
from aisle.retrieval.meaning import Meaning
from aisle.retrieval.newcomers import Newcomers
from aisle.retrieval.pinned import Pinned
from aisle.retrieval.popular import Popular
from aisle.retrieval.repurchase import Repurchase, due_of
from aisle.retrieval.rest import Rest
from aisle.retrieval.similar import Similar
from aisle.retrieval.taste import Taste
from aisle.settings import Settings
from aisle.stages import Preparer, Retriever, Scorer
from aisle.wiring.arranging import Arranging, unknown
from aisle.wiring.facets import known
from aisle.wiring.guesses import Guesses, kinds
from aisle.wiring.parts import Behaviour, Content
from aisle.wiring.sources import WEIGHTS

# beside one product stand others like it; beside a basket what completes it; after the order what comes next
RELATED = {
    "product": {"similar": 1.0, "copurchase": 0.5, "transitions": 0.3, "popular": 0.1},
    "basket": {"copurchase": 1.0, "transitions": 0.1, "similar": 0.2, "popular": 0.1},
    "after": {"transitions": 1.0, "copurchase": 0.5, "similar": 0.2, "popular": 0.1},
}
CLOSE = 50  # candidates of a scenario that stands on products which are ranked: what hardly goes with them stays behind
# the event that a request which stands on products stands for; `after` an order, that of taking them
STANDS = {"product": CODES["view"], "basket": CODES["cart"]}
NOBODY: Mapping[str, Related | None] = {}
SEARCH = {"identified": 1.0, "relevance": 1.0, "closer": 1.0, "prior": 0.03, "intent": 0.1, "own": 0.04,
          "stated": 0.1, "spared": 0.2, "thrift": 0.15, "chosen": 0.2}  # fmt: skip
SAID = (Identified.name, Chosen.name, Pinned.name)  # sources of a search that name nothing which does not answer it
CLOSER = 0.1  # seconds that must be left to read closer: ten texts take half of it at the 99th percentile


def scenarios(
    content: Content,
    behaviour: Behaviour,
    memory: Memory,
    overlay: Callable[[], Overlay],
    settings: Settings,
    target: tuple[int, ...],
    ranker: Ranking | None,
    thesaurus: Thesaurus | None = None,
    weights: Mapping[str, float] = WEIGHTS,
    interview: Callable[[], Interview] | None = None,
    related: Mapping[str, Related | None] = NOBODY,
    borrowed: Sequence[str] = (),
    sales: Callable[[], Longs] | None = None,
    beside_weights: Mapping[str, Mapping[str, float]] = RELATED,
) -> Mapping[str, Scenario]:
    """Every scenario of one generation by name; `weights` are those of the fusion that home begins with, `interview`
    what a quiz asks, `related` the rankers of scenarios that stand on products (None: one that is to be learned),
    `borrowed` which of these are asked as home is, `sales` how often each unit was taken."""
    catalogue, rules = content.catalogue, settings.rules
    arranging = Arranging(
        content, overlay, settings, target, sales or (lambda: np.zeros(len(catalogue.units), np.int64))
    )
    prepared: tuple[Preparer, ...] = (
        Remember(memory), Settle(overlay), Show(catalogue, overlay, frozenset(rules.hides)), Anchor(catalogue),
        Repeat(target),
    )  # fmt: skip
    popular, again = Popular(half_life=behaviour.half_life), Repurchase(target, ZoneInfo(settings.shop.timezone))
    behind: tuple[Retriever, ...] = (behaviour.copurchase, behaviour.transitions)
    alike: tuple[Retriever, ...] = ()
    instead: tuple[Retriever, ...] = ()  # of one product: what completes a basket need not share its traits
    if content.vectors is not None or content.pictures is not None:
        saying = content.relevance.about.shared
        alike = (Similar(content.vectors, None, content.pictures, saying),)
        instead = (Similar(content.vectors, content.traits, content.pictures, saying),)
    taste = Taste(content.levels)
    everything: tuple[Retriever, ...] = (
        again, behaviour.neighbours, behaviour.crowd, taste, *behind, *behaviour.expected.retrievers,
        Considered(target), *alike, popular, content.fresh,
    )  # fmt: skip
    scorers: tuple[Scorer, ...] = (ranker,) if ranker is not None else ()
    objectives = {"purchase": 1.0} if ranker is not None else {"fusion": 1.0}
    home = Scenario("home", prepared, everything, scorers, objectives, weights, fallback=popular, rest=Rest(),
                    candidates=settings.serve.candidates, base=next(iter(objectives)))  # fmt: skip
    reads = behaviour.expected.reading or alike
    newcomers = bool(settings.serve.discovery and reads)
    if newcomers:
        home = replace(
            home,
            retrievers=(*everything, Newcomers(reads, content.fresh, settings.serve.explore)),
            reserved=frozenset({Newcomers.name}),
        )
    about = content.relevance.about
    lexical = Lexical(content.texts, words, about.saying, about.asked)
    query: tuple[Retriever, ...] = (
        Identified(content.codes, catalogue.row_of, words, about.telling),
        lexical,
        content.chosen,
    )
    if content.vectors is None:  # nothing beside the words: they alone fill every page
        lexical.reach = settings.search.candidates
    else:
        query += (Meaning(content.vectors),)
    read = Read(partial(content.reader.read, thesaurus=thesaurus), content.encoder)
    if settings.search.thesaurus:
        read.guess = Guesses(about, content.needs, kinds(content.speller.tongue.code)).of
    narrow = Narrow(catalogue, overlay, about.lacking)
    closer: tuple[Scorer, ...] = ()
    if content.closer is not None and settings.search.closer:
        closer = (replace(content.closer, depth=settings.search.closer),)
    search = Scenario(
        "search", (*prepared, read, narrow), query,
        (
            content.relevance, *closer, content.chosen,
            Prior(catalogue.ends, content.stated.most, about.sparing, content.price),
            Nearby(SAID, arranging.pins, content.relevance.among is not None),
        ), SEARCH,
        needs={"Closer": CLOSER}, candidates=settings.search.candidates, base="relevance",
    )  # fmt: skip
    likeness = {name: instead if name == "product" else alike for name in RELATED}
    beside = {name: Scenario(name, prepared, (*behind, *likeness[name]), (), {"fusion": 1.0}, weighs,
                             fallback=popular, rest=Rest()) for name, weighs in beside_weights.items()}  # fmt: skip
    for name, one in related.items():
        made = replace(home, name=name, preparers=(*prepared, Stand(catalogue, STANDS.get(name, target[0]))),
                       reserved=frozenset(), sources={**WEIGHTS, **RELATED[name]},
                       # only what goes with the anchors, and of it the closest is ranked
                       retrievers=(*behind, *behaviour.expected.retrievers, *likeness[name]),
                       scorers=() if one is None else (replace(one, depth=CLOSE),))  # fmt: skip
        beside[name] = made
    beside |= {name: replace(home, name=name, preparers=(*prepared, Stand(catalogue, STANDS.get(name, target[0]))),
                             reserved=frozenset()) for name in borrowed}  # fmt: skip
    alone: dict[str, Retriever] = {"again": replace(again, due=True), "popular": popular, "new": content.fresh}
    single = {name: Scenario(name, prepared, (one,), (), {"fusion": 1.0}) for name, one in alone.items()}
    if ranker is not None:  # of what is due, what is likely: who knows one shopper's rhythm knows no other's
        own = Own(target, arranging.campaigns)
        single["again"] = replace(home, name="again", preparers=(*prepared, own), fallback=None, rest=None,
                                  retrievers=everything, reserved=frozenset(), scorers=(ranker, Due(target, due_of)),
                                  sources={**dict.fromkeys(WEIGHTS, 0.0), again.name: 1.0},
                                  objectives={**objectives, DUE: 1.0})  # fmt: skip
    if interview is not None:
        single["quiz"] = Scenario("quiz", prepared, (Answered(interview),), (), {"fusion": 1.0}, weights,
                                  fallback=popular, rest=Rest())  # fmt: skip
    every = {
        "home": home, "email": replace(home, name="email"), "category": replace(home, name="category"),
        "search": search, **beside, **single,
    }  # fmt: skip
    unknown(settings, {**every, "quiz": None})  # a replay has no quiz, and the shop's rules may name it
    worth = Worth(catalogue, overlay, target, arranging.variants.of)
    counted = known(content, settings.search.facets)
    return {name: replace(_arranged(made, arranging, worth, newcomers), facets=counted) for name, made in every.items()}


def _arranged(made: Scenario, arranging: Arranging, worth: Worth, newcomers: bool) -> Scenario:
    """A scenario with what shop.toml says of its slate."""
    objectives = arranging.objectives(made.name, made.objectives)
    if any(campaign.hidden is not None for campaign in arranging.campaigns.every):
        withhold = Withhold(arranging.campaigns, arranging.content.catalogue)
        made = replace(made, preparers=(*made.preparers, withhold))
    scorers = tuple(one.asking(objectives) if isinstance(one, Ranking) else one for one in made.scorers)
    scorers = (*scorers, worth) if arranging.worth(objectives) else scorers
    kept = newcomers and Newcomers.name in made.reserved
    if any(campaign.pins for campaign in arranging.campaigns.every):
        made = replace(
            made, retrievers=(*made.retrievers, Pinned(arranging.campaigns)), reserved=made.reserved | {Pinned.name},
            sources={**made.sources, Pinned.name: 0.0},
        )  # fmt: skip
    return replace(made, objectives=objectives, scorers=scorers, rerankers=arranging.rerankers(made.name, kept),
                   variants=arranging.variants.of)  # fmt: skip
