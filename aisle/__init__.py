"""Aisle: search and recommendation that an online shop runs itself.

`Shop` is the public face; it is imported on first use, so that `import aisle` stays quick.
"""

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from aisle.errors import AisleError
    from aisle.shop import Shop

__version__ = "0.1.0"
__all__ = ["AisleError", "Shop", "__version__"]


def __getattr__(name: str) -> Any:
    if name == "Shop":
        from aisle.shop import Shop

        return Shop
    if name == "AisleError":
        from aisle.errors import AisleError

        return AisleError
    raise AttributeError(f"module 'aisle' has no attribute {name!r}")
