"""Upkeep: while a shop is served, products that come are found soon, for a refresh begins when a feed brought some."""

import asyncio
from dataclasses import dataclass

from aisle.errors import AisleError, BusyError
from aisle.serving.face import Face
from aisle.serving.jobs import Jobs
from aisle.serving.logs import Log

EVERY = 5.0  # seconds between two looks
LOOKS = 12  # at a feed that goes on: then it is waited for no longer
MINUTE = 60.0  # seconds


@dataclass
class Upkeep:
    """What one worker knows of it; every worker looks, and one of them begins."""

    shop: Face
    jobs: Jobs
    log: Log
    before: int = 0
    looks: int = 0
    refused: tuple[str, int] = ("", 0)  # the generation and the products of which a refresh failed
    told: str = ""  # the job whose failure was told

    async def run(self) -> None:
        """Look, for as long as the server runs; whatever fails is told, and looked at again."""
        while True:
            await asyncio.sleep(EVERY)
            try:
                self.tell()
                self.look()
            except AisleError:  # not trained yet
                continue
            except Exception as error:
                self.log.write("upkeep", failed=type(error).__name__)

    def tell(self) -> None:
        """Write into the log what became of the jobs that this worker began."""
        for job in self.jobs.ended():
            failed = {"failed": _named(job["error"])} if job["state"] == "failed" else {}
            self.log.write("job", job=job["id"], verb=job["verb"], state=job["state"], seconds=job["seconds"], **failed)

    def look(self) -> None:
        """Begin a refresh where products are lacking and no more come."""
        lacking, minutes = self.shop.lacking, float(self.shop.settings.serve.refresh_minutes)
        self.looks = self.looks + 1 if lacking else 0
        steady, self.before = lacking == self.before or self.looks >= LOOKS, lacking
        if not (lacking and steady and minutes > 0 and not self.shop.went_back and self._may(lacking, minutes)):
            return
        try:
            self.log.write("refresh", job=self.jobs.start("refresh")["id"], products=lacking)
            self.looks = 0
        except BusyError:  # another worker was quicker
            pass

    def _may(self, lacking: int, minutes: float) -> bool:
        """Not while a training run will find them anyway, not again at once, and not again what was refused: until
        another generation, or more products, the answer would be the same."""
        last = self.jobs.last("refresh")
        if self.jobs.running("train") or (last is not None and last["ago"] < MINUTE * min(minutes, 1.0)):
            return False
        if last is None or last["state"] == "running":
            return last is None
        if last["state"] == "failed" and "NotTrainedError" in last["error"]:
            if self.told != last["id"]:
                self.told, self.refused = last["id"], (self.shop.generation, lacking)
                self.log.write("refresh", job=last["id"], failed=last["error"][-500:])
            return self.refused != (self.shop.generation, lacking)
        return last["state"] == "failed" or bool(last["ago"] >= MINUTE * minutes)


def _named(error: str) -> str:
    """What a run says that it failed by; of a mistake of ours the kind alone, for its message may be of a shopper."""
    last = error.splitlines()[-1] if error else ""
    return last.split(":")[0] if "Traceback" in error else last[-500:]
