"""What can go wrong, in one small tree.

    AisleError
    ├── SettingsError      shop.toml says something that Aisle does not know
    ├── SourceError        a feed or log cannot be read at all (one bad row is quarantined instead)
    ├── InputError         a request, record or argument that cannot be answered
    │   ├── UnknownError   it names a product or a job that is not there
    │   └── BusyError      what it asks for is going on already
    ├── NotTrainedError    the shop has no generation yet
    ├── StoreError         the store is newer than this code, locked, or damaged
    ├── StageError         a stage of the pipeline broke its contract
    └── MissingPackageError  a capability needs a package that is not installed

Every message says where, what was found, and what was expected.
"""


class AisleError(Exception):
    """The root: `where` names the file, row or field; `found` and `expected` say the rest."""

    def __init__(self, where: str, found: object = None, expected: str = "") -> None:
        self.where, self.found, self.expected = where, found, expected
        super().__init__(describe(where, found, expected))


class SettingsError(AisleError):
    """shop.toml holds a key or value that Aisle does not know."""


class SourceError(AisleError):
    """A feed or log that cannot be read at all."""


class InputError(AisleError):
    """A request, record or argument that cannot be answered."""


class UnknownError(InputError):
    """A product or a job that is not there."""


class BusyError(InputError):
    """What is asked for is going on already."""


class NotTrainedError(AisleError):
    """The shop has no generation yet: `train` makes one."""


class StoreError(AisleError):
    """The store is newer than this code, locked by another, or damaged."""


class StageError(AisleError):
    """A stage broke its contract."""


class MissingPackageError(AisleError):
    """A capability needs a package that is not installed."""


def describe(where: str, found: object, expected: str) -> str:
    """One sentence: `where: found …, expected …`; long values are cut, so that an error stays readable."""
    parts = [] if found is None else [f"found {shorten(found)}"]
    parts += [f"expected {expected}"] if expected else []
    return f"{where}: {', '.join(parts)}" if parts else where


def shorten(value: object, limit: int = 120) -> str:
    """`repr(value)`, cut in the middle when it is longer than `limit` characters."""
    try:
        text = repr(value[: 4 * limit] if isinstance(value, str | bytes) else value)
    except ValueError:  # an integer of thousands of digits is not printed
        text = f"a {type(value).__name__} too long to print"
    return text if len(text) <= limit else f"{text[: limit - 20]}…{text[-10:]}"
