"""Pinned: what a running campaign wants first, whether or not anything else would have found it."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from aisle.records.campaign import Campaigns
from aisle.records.candidates import Candidates, found, nothing
from aisle.records.request import Context
from aisle.records.slate import Because


@dataclass
class Pinned:
    """A `Retriever`: pins of the campaigns that run, as far as they may be shown."""

    campaigns: Campaigns
    name: str = "pinned"

    def retrieve(self, context: Context, limit: int) -> Candidates:
        """In the campaigns' order."""
        pins = [row for campaign in self.campaigns.running(context) for row in campaign.pins]
        rows = np.array(list(dict.fromkeys(row for row in pins if context.mask[row])), np.int32)
        if not len(rows):
            return nothing(self.name)
        return found(self.name, rows, np.linspace(1, 0.5, len(rows), dtype=np.float32), limit)

    def why(self, context: Context, rows: Sequence[int]) -> list[Because]:
        """The shop's word."""
        return [Because("chosen by the shop")] * len(rows)
