"""Running campaigns on a slate: pins first, boosts upwards, buries last. (What they hide was never a candidate.)

A boost by 2 puts a product at place 10 where it would stand at place 5: places mean the same in every scenario, scores
do not.
"""

from dataclasses import dataclass

import numpy as np

from aisle.records.campaign import Campaigns, standing
from aisle.records.candidates import Candidates
from aisle.records.request import Context
from aisle.records.slate import Arrangement


@dataclass
class Promotion:
    """A `Reranker`."""

    campaigns: Campaigns

    def rerank(self, context: Context, ranked: Candidates, size: int) -> Arrangement:
        """All candidates anew, so that a longer slate begins as a shorter one does."""
        running = self.campaigns.running(context)
        if not running:
            return Arrangement(tuple(range(len(ranked))))
        places, last = np.arange(1, len(ranked) + 1, dtype=np.float64), np.zeros(len(ranked), bool)
        for campaign in running:
            if campaign.boosted is not None:
                places[campaign.boosted(context.request.market)[ranked.rows]] /= campaign.by
            if campaign.buried is not None:
                last |= campaign.buried(context.request.market)[ranked.rows]
        at_of = {int(row): at for at, row in enumerate(ranked.rows)}
        pins = [at_of[row] for campaign in running
                for row in standing(campaign.pins, campaign.pinned, context.units) if row in at_of]  # fmt: skip
        order = [*pins, *np.lexsort((places, last)).tolist()]
        return Arrangement(tuple(dict.fromkeys(order)))
