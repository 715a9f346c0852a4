"""Upkeep: while a shop is served, products that come are found soon, for a refresh begins when a feed brought some."""

import asyncio
from contextlib import suppress

from aisle.errors import AisleError
from aisle.serving.face import Face
from aisle.serving.jobs import Jobs
from aisle.serving.logs import Log
from aisle.serving.turn import Turns

EVERY = 5.0  # seconds between two looks
LOOKS = 12  # at a feed that goes on: then it is waited for no longer
MINUTE = 60.0  # seconds


async def keep_fresh(shop: Face, turns: Turns, jobs: Jobs, log: Log) -> None:
    """Look, for as long as the server runs; every worker does, and one of them begins."""
    before, looks = 0, 0
    while True:
        await asyncio.sleep(EVERY)
        with suppress(AisleError, OSError):  # not trained yet, or another worker was quicker
            lacking = await turns.quick(lambda: shop.lacking)
            looks = looks + 1 if lacking else 0
            steady, before = lacking == before or looks >= LOOKS, lacking
            if lacking and steady and _may(shop.refresh_minutes, jobs):
                log.write("refresh", job=jobs.start("refresh")["id"], products=lacking)
                looks = 0


def _may(minutes: float, jobs: Jobs) -> bool:
    """Not while a training run will find them anyway, and not again at once."""
    return minutes > 0 and not jobs.running("train") and jobs.since("refresh") >= MINUTE * minutes
