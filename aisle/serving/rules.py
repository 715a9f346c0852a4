"""What the people who run the shop decide, under /v1: what waits for them, and what was in force when."""

from typing import Annotated

from fastapi import APIRouter, Path, Query, Response
from fastapi.responses import JSONResponse
from pydantic import BaseModel, ConfigDict, Field

from aisle.records.product import LONGEST_ID
from aisle.serving.face import Face
from aisle.serving.plain import plain
from aisle.serving.shapes import Text
from aisle.serving.turn import Turns


class ModerateIn(BaseModel):
    """A decision of a product or a group."""

    model_config = ConfigDict(extra="forbid")

    product: Text = Field(max_length=LONGEST_ID, description="The id of a product or a group.", examples=["lamp"])
    show: bool = Field(description="Shown, or hidden.", examples=[True])
    why: Text = Field("", max_length=1000, description="The reason, as it is kept.")
    by: Text = Field("", max_length=1000, description="Who decides.")


class DecisionOut(BaseModel):
    """What somebody decided; at: UTC ms."""

    product: str
    show: bool
    why: str
    by: str
    at: int


class WithheldOut(BaseModel):
    """A product that is not shown, or was until somebody decided."""

    product: str
    title: str
    why: str
    shown: bool
    forbidden: bool
    decision: DecisionOut | None


class QueueOut(BaseModel):
    """What waits first."""

    withheld: list[WithheldOut]


class SynonymOut(BaseModel):
    """Who asks for `phrase` may mean `other`."""

    phrase: str
    other: str
    why: str


class SynonymsOut(BaseModel):
    """What is suggested, by most shoppers first."""

    synonyms: list[SynonymOut]


class VersionOut(BaseModel):
    """One shop.toml; changes: setting, before, after."""

    id: str
    written: str
    changes: list[tuple[str, str, str]]
    unread: str
    current: bool


class VersionsOut(BaseModel):
    """The latest first."""

    versions: list[VersionOut]


class PeriodOut(BaseModel):
    """What was shown from `begins` on, UTC ms; null where nothing can be said."""

    begins: int
    slates: int
    shoppers: int
    products: int
    alike: float | None = Field(description="How many products shown alike would be as varied.")
    variety: float | None = Field(description="How likely two places that one shopper saw hold different kinds.")
    bought_alike: float | None
    bought_variety: float | None


class ChangeOut(BaseModel):
    """A relation, 0 for none, and its 95 % interval; null where nothing can be said."""

    value: float | None
    low: float | None
    high: float | None


class ExposureOut(BaseModel):
    """Periods, oldest first; change: of the last one's variety to the first one's, of the shoppers who are in both."""

    scenario: str
    days: int
    periods: list[PeriodOut]
    change: ChangeOut
    both: int
    catalogue: int


def rules(routes: APIRouter, shop: Face, turns: Turns) -> None:
    """The routes of one shop."""

    @routes.get("/queue", tags=["rules"], response_model=QueueOut)
    async def queue() -> Response:
        """Products that wait for a decision, then those that are forbidden or decided of."""
        return JSONResponse({"withheld": plain(await turns.long(shop.queue))})

    @routes.post("/moderate", tags=["rules"], response_model=ModerateIn)
    async def moderate(asked: ModerateIn) -> Response:
        """Decide whether a product is shown; holds at once, in every worker, until decided otherwise."""
        await turns.quick(lambda: shop.moderate(asked.product, asked.show, why=asked.why, by=asked.by))
        return JSONResponse(asked.model_dump())

    @routes.get("/synonyms", tags=["rules"], response_model=SynonymsOut)
    async def synonyms() -> Response:
        """Words for one thing that the log and the catalogue suggest; none of them is used by itself."""
        return JSONResponse({"synonyms": plain(await turns.long(shop.synonyms))})

    @routes.get("/exposure", tags=["rules"], response_model=ExposureOut)
    async def exposure(
        scenario: Annotated[Text, Query(max_length=64)] = "home", days: Annotated[int, Query(ge=1, le=36500)] = 7
    ) -> Response:
        """Whether what shoppers are shown narrows: the recorded slates of a scenario, in periods of some days."""
        return JSONResponse(plain(await turns.long(lambda: shop.exposure(scenario, days=days))))

    @routes.get("/versions", tags=["rules"], response_model=VersionsOut)
    async def versions() -> Response:
        """Every shop.toml that was in force, the latest first, with what each changed."""
        return JSONResponse({"versions": plain(await turns.long(shop.versions))})

    @routes.post("/versions/{version}/restore", tags=["rules"], status_code=204)
    async def restore(version: Annotated[str, Path(max_length=64)]) -> Response:
        """Put a version back into shop.toml; every worker follows it from its next request on."""
        await turns.long(lambda: shop.restore(version))
        return Response(status_code=204)
