"""Everything under /v1: the verbs of the public face as HTTP."""

import asyncio
from collections.abc import Callable
from dataclasses import asdict
from functools import partial
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Path, Query, Response
from fastapi.responses import JSONResponse
from pydantic import BaseModel

from aisle.records.product import LONGEST_ID, Product
from aisle.records.slate import Slate
from aisle.serving import shapes
from aisle.serving.face import Face
from aisle.serving.jobs import Jobs
from aisle.serving.metrics import Metrics
from aisle.serving.plain import plain
from aisle.serving.rules import rules
from aisle.serving.runs import runs
from aisle.serving.strict import known
from aisle.serving.turn import Turns

PAIRS = 20  # that are scored at once; each takes milliseconds

Id = Annotated[str, Path(max_length=LONGEST_ID)]
PROBLEMS: dict[int | str, dict[str, Any]] = {
    400: {"model": shapes.Problem, "description": "Something that cannot be answered: where, found, expected."},
    413: {"model": shapes.Problem, "description": "The body is larger than 16 MiB."},
    404: {"model": shapes.Problem, "description": "A product or a job that is not there."},
    409: {"model": shapes.Problem, "description": "What is asked for is going on already."},
    422: {"model": shapes.Problem, "description": "The body or a parameter is not of the shape described."},
    503: {"model": shapes.Problem, "description": "The shop was not trained yet, or its store is not available."},
}


def api(shop: Face, turns: Turns, jobs: Jobs, metrics: Metrics) -> APIRouter:
    """The routes of one shop."""
    routes = APIRouter(prefix="/v1", responses=PROBLEMS, dependencies=[Depends(known)])
    _slates(routes, shop, turns)
    _others(routes, shop, turns)
    _log(routes, shop, turns)
    runs(routes, shop, turns, jobs, metrics)
    rules(routes, shop, turns)
    return routes


def _slates(routes: APIRouter, shop: Face, turns: Turns) -> None:
    @routes.post("/search", tags=["slates"], response_model=shapes.SlateOut)
    async def search(asked: shapes.SearchIn) -> Response:
        """Products that answer a query, best first."""
        return JSONResponse(shapes.slate_out(await turns.quick(lambda: searched(shop, asked))))

    @routes.post("/recommend", tags=["slates"], response_model=shapes.SlateOut)
    async def recommend(asked: shapes.RecommendIn) -> Response:
        """Products for a shopper in a scenario."""
        return JSONResponse(shapes.slate_out(await turns.quick(lambda: recommended(shop, asked))))

    @routes.post("/shelves", tags=["slates"], response_model=shapes.ShelvesOut)
    async def shelves(asked: shapes.ShelvesIn) -> Response:
        """A home page: several slates on which nothing stands twice."""
        made = await turns.quick(lambda: shop.shelves(**_said(asked)))
        shown = [{"name": s.name, "about": s.about, "slate": shapes.slate_out(s.slate)} for s in made]
        return JSONResponse({"shelves": shown})

    @routes.post("/quiz", tags=["slates"], response_model=shapes.QuizOut)
    async def quiz(asked: shapes.QuizIn) -> Response:
        """For a shopper of whom nothing is known: what to ask next, and products by the answers so far."""
        made = await turns.quick(lambda: shop.quiz(**_said(asked)))
        question = None if made.question is None else asdict(made.question)
        return JSONResponse({"question": question, "slate": shapes.slate_out(made.slate)})

    @routes.post("/rank", tags=["slates"], response_model=shapes.SlateOut)
    async def rank(asked: shapes.RankIn) -> Response:
        """Your own search's candidates, ordered: unknown and hidden ones last, with a reason."""
        return JSONResponse(shapes.slate_out(await turns.quick(lambda: shop.rank(**_said(asked)))))


def _others(routes: APIRouter, shop: Face, turns: Turns) -> None:
    @routes.post("/relevance", tags=["products"], response_model=shapes.ScoresOut)
    async def relevance(asked: shapes.PairsIn) -> Response:
        """How relevant products are to queries."""
        scores: list[float] = []
        for at in range(0, len(asked.pairs), PAIRS):
            some = asked.pairs[at : at + PAIRS]
            scores += map(float, await turns.quick(partial(shop.relevance, some)))
            await asyncio.sleep(0)  # others are answered between
        return JSONResponse({"scores": scores})

    @routes.get("/suggest", tags=["products"], response_model=shapes.WordsOut)
    async def suggest(
        q: Annotated[str, Query(description="What was typed so far.", examples=["waln"])] = "",
        size: Annotated[int, Query(ge=0, le=50)] = 8,
        products: Annotated[int, Query(ge=0, le=20, description="How many products to show beside them.")] = 0,
        market: str = "",
        language: str = "",
    ) -> Response:
        """Completions of what a shopper is typing, and what the first of them finds."""

        def suggested() -> dict[str, Any]:
            words = shop.suggest(q, size)
            asked = words[0] if words else q
            if not products or not asked.strip():
                return {"words": words, "products": []}
            found = shop.search(asked, size=products, market=market, language=language, record=False)
            return {"words": words, "products": [shapes.placement_out(placed) for placed in found]}

        return JSONResponse(await turns.quick(suggested))

    @routes.get("/products/{product:path}", tags=["products"], response_model=shapes.ProductOut)
    async def product(product: Id, market: str = "") -> Response:
        """One product as the shop states it, with today's price and stock."""
        return JSONResponse(_product(await turns.quick(lambda: shop.product(product, market=market))))

    @routes.post("/explain", tags=["inside"], responses={200: {"description": "An explanation."}})
    async def explain(asked: shapes.ExplainIn) -> Response:
        """Why a product is on the slate of a request, or why it is not. The request is made again, unrecorded."""
        slate = _again(shop, asked)
        return JSONResponse(plain(await turns.quick(lambda: shop.explain(slate(), asked.product))))

    @routes.post("/look", tags=["inside"], responses={200: {"description": "The whole trace."}})
    async def look(asked: shapes.LookIn) -> Response:
        """The whole way of a request: how it was read, what each source found, every column, every rule."""
        slate = _again(shop, asked)
        return JSONResponse(plain(await turns.quick(lambda: shop.look(slate()))))


def _log(routes: APIRouter, shop: Face, turns: Turns) -> None:
    @routes.post("/events", tags=["log"], response_model=shapes.CountOut)
    async def record(asked: shapes.EventsIn) -> Response:
        """Store a batch of events in one transaction; durable when answered, and known to the next request.

        `count` says how many were new: an id seen before is a no-op."""
        return JSONResponse({"count": await turns.quick(lambda: shop.record(asked.events))})

    @routes.post("/forget", tags=["log"], response_model=shapes.CountOut)
    async def forget(asked: shapes.ForgetIn) -> Response:
        """Erase what the log holds of a user or of a guest's session."""
        return JSONResponse({"count": await turns.written(lambda: shop.forget(asked.user, session=asked.session))})

    @routes.post("/load", tags=["log"], responses={200: {"description": "What was kept, and set aside and why."}})
    async def load(asked: shapes.LoadIn) -> Response:
        """Load products, events, profiles or judgements; rows that cannot be read are set aside with a reason."""
        said = {name: value for name in asked.model_fields_set if (value := getattr(asked, name)) is not None}
        return JSONResponse(plain(await turns.written(lambda: shop.load(**said))))


def _said(asked: BaseModel) -> dict[str, Any]:
    return {name: getattr(asked, name) for name in type(asked).model_fields}


def searched(shop: Face, asked: shapes.SearchIn) -> Slate:
    """The search that was asked for."""
    return shop.search(**_said(asked))


def recommended(shop: Face, asked: shapes.RecommendIn) -> Slate:
    """The recommendation that was asked for."""
    return shop.recommend(**_said(asked))


def _again(shop: Face, asked: shapes.ExplainIn | shapes.LookIn) -> Callable[[], Slate]:
    """The same request once more, so that any worker can tell of it; the log does not learn of it."""
    if asked.search is not None:
        query = asked.search.model_copy(update={"record": False})
        return lambda: searched(shop, query)
    wanted = (asked.recommend or shapes.RecommendIn()).model_copy(update={"record": False})
    return lambda: recommended(shop, wanted)


def _product(product: Product) -> dict[str, Any]:
    told = {name: getattr(product, name) for name in shapes.ProductOut.model_fields}
    prices = {name: shapes.major(getattr(product, name), product.currency) for name in ("price", "list_price")}
    attributes = {name: list(values) for name, values in product.attributes.items()}
    return {**told, **prices, "category": list(product.category), "available": bool(product.available),
            "attributes": attributes}  # fmt: skip
