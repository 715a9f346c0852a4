"""What the form of the look inside says: the texts as they were typed, and the request that they mean."""

import json
import shlex
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

from starlette.datastructures import QueryParams

from aisle.errors import InputError
from aisle.records.slate import Slate
from aisle.serving.face import Face
from aisle.serving.shapes import shallow

FIELDS = ("q", "scenario", "anchor", "user", "session", "filters", "size", "market", "sort", "now", "repeat", "why")
MORE = ("session", "filters", "market", "sort", "now", "repeat")  # folded away while nobody uses them


@dataclass(frozen=True, slots=True)
class Form:
    """One filled form. A query is searched; without one the scenario decides what is recommended."""

    said: Mapping[str, str]  # every field, empty where nothing was said

    @classmethod
    def of(cls, parameters: QueryParams) -> "Form":
        """The form of an address; what the form does not know is ignored."""
        return cls({name: parameters.get(name, "").strip() for name in FIELDS})

    @property
    def empty(self) -> bool:
        """Was nothing asked?"""
        return not any(self.said.values())

    @property
    def more(self) -> bool:
        """Is one of the rarer fields used?"""
        return any(self.said[name] for name in MORE)

    @property
    def why(self) -> str:
        """The product in question, or empty."""
        return self.said["why"]

    def request(self) -> dict[str, Any]:
        """What is asked, as `/v1/look` takes it, without what is not said. Raises InputError."""
        asked: dict[str, Any] = {name: value for name in ("user", "session", "market", "sort", "repeat")
                                 if (value := self.said[name])}  # fmt: skip
        if filters := self._filters():
            asked["filters"] = filters
        if self.said["size"]:
            asked["size"] = self._size()
        if self.said["now"]:
            asked["now"] = self.said["now"]
        asked["record"] = False
        if self.said["q"]:
            return {"search": {"query": self.said["q"], **asked}}
        anchors = [line.strip() for line in self.said["anchor"].splitlines() if line.strip()]
        stands = {"anchor": anchors} if anchors else {}
        return {"recommend": {"scenario": self.said["scenario"] or "home", **stands, **asked}}

    def _filters(self) -> dict[str, Any]:
        try:
            filters = json.loads(self.said["filters"] or "{}")
        except (ValueError, RecursionError):
            filters = None
        if not isinstance(filters, dict):
            raise InputError("filters", self.said["filters"], 'a JSON object, such as {"brand": ["Acme"]}')
        try:
            return shallow(filters)
        except ValueError as error:
            raise InputError("filters", self.said["filters"], str(error)) from None

    def _size(self) -> int:
        try:
            return int(self.said["size"])
        except ValueError:
            raise InputError("size", self.said["size"], "a whole number") from None

    def link(self, **changed: str) -> str:
        """The address of the same request with some fields changed."""
        said = {**self.said, **changed}
        return "?" + urlencode([(name, value) for name, value in said.items() if value])

    def commands(self, server: str) -> list[str]:
        """The same request for a shell: its whole trace, and why a product is on it where one is in question."""
        asked = [("look", self.request())]
        if self.why:
            asked.append(("explain", {"product": self.why, **self.request()}))
        return [
            f"curl -s {shlex.quote(server + '/v1/' + verb)} -H 'content-type: application/json' "
            f"-d {shlex.quote(json.dumps(body))}"
            for verb, body in asked
        ]


def made(shop: Face, request: Mapping[str, Any]) -> Slate:
    """The slate of a request; the log does not learn of it."""
    if "search" in request:
        return shop.search(**request["search"])
    return shop.recommend(**request["recommend"])
