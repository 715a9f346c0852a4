"""The log, folded: when a generation is made, and once more where one has seen another log than the shop's."""

from dataclasses import replace

from aisle.catalogue.catalogue import Catalogue
from aisle.engines.marks import is_same
from aisle.features.exposure import Exposure
from aisle.features.log import gathered
from aisle.features.state import folded
from aisle.records.history import Interactions
from aisle.records.row import product_of
from aisle.stages import Store
from aisle.wiring.parts import Parts


def read(store: Store, catalogue: Catalogue, end: int) -> tuple[Interactions, Exposure]:
    """What shoppers did, and what they were shown, up to an offset."""
    exposure = Exposure.none(len(catalogue))
    pages = exposure.passing(store.read(kinds=("event", "forget", "served")), catalogue, end)
    return gathered(pages, catalogue), exposure


def of_this_log(store: Store, parts: Parts) -> tuple[Parts, set[str]]:
    """A generation that has seen another log is one from before a backup was put back: what shoppers did is folded
    anew, and what was loaded is read once more. With the ids of products that only the log knows."""
    state, catalogue = parts.state, parts.content.catalogue
    if is_same(store, parts.facts["marks"], state.offset):
        return parts, set()
    end = store.end()
    log, exposure = read(store, catalogue, end)
    state = folded(catalogue, log, state.target, state.tally.reference, end, exposure)
    products = [product_of(row.body) for page in store.read(kinds=("product",)) for row in page]
    catalogue.offers = catalogue.offers.changed(products, catalogue.ids)
    return replace(parts, state=state), {product.id for product in products if product.id not in catalogue.ids}
