"""A question that a new shopper may be asked, and where a quiz stands."""

from dataclasses import dataclass

from aisle.records.slate import Slate


@dataclass(frozen=True, slots=True)
class Question:
    """Does the shopper buy this? key: what an answer names it by; field: category, brand, product or an attribute;
    share: of the shoppers of the log, the part that does; examples: titles of what is meant."""

    key: str
    field: str
    value: str
    share: float
    examples: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Quiz:
    """The question whose answer would tell most, None where none is left; and what the answers so far find."""

    question: Question | None
    slate: Slate
