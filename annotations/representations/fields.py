"""How a shape is declared, and how a row is put into one.

A shape is a TypedDict whose fields say where their values come from, and give an example:

    class Label(TypedDict):
        id: Annotated[int, Of("id", 4)]
        name: Annotated[str, Of("name", "cup")]

`represent(Label, row)` gives the dictionary, `example(Label)` the example; the API's document is
made from the types. Rows are not validated on their way out, since lists are long: tests hold the
answers against the document.
"""

from collections.abc import Callable, Iterable
from datetime import datetime
from enum import Enum
from operator import attrgetter
from typing import Annotated, Any, Literal, TypeVar, cast, get_args, get_origin, get_type_hints

Shape = TypeVar("Shape")
Source = Callable[[Any], Any]
_NONE = object()


class Of:
    """A field's `source` (an attribute of the row, dotted for one of a related row, or a function
    of the row) and its `example`. A field that is not required is left out where it is empty."""

    def __init__(
        self, source: str | Source, example: Any = _NONE, *, description: str = ""
    ) -> None:
        self.source: Source = attrgetter(source) if isinstance(source, str) else source
        self.example = example
        self.description = description

    def __get_pydantic_json_schema__(self, schema: Any, handler: Callable[[Any], Any]) -> Any:
        found = handler(schema)
        return found | {"description": self.description} if self.description else found


class Given(Of):
    """A field that the row does not tell: `represent` takes its value by name."""

    def __init__(self, example: Any = _NONE, *, description: str = "") -> None:
        super().__init__(_not_given, example, description=description)


def _not_given(_row: Any) -> Any:
    raise TypeError("A field that the row does not tell was not given.")


def _left_out(_row: Any) -> None:
    return None


class Choice:
    """One of some texts: of a row's choices, or named here."""

    def __init__(self, *choices: str | type[Enum]) -> None:
        self.values = tuple(
            str(value)
            for choice in choices
            for value in ([choice] if isinstance(choice, str) else choice)
        )

    def __get_pydantic_core_schema__(self, _source: Any, handler: Any) -> Any:
        return handler.generate_schema(Literal[self.values])


class Keywords:
    """Keywords of JSON Schema that a type alone does not say."""

    def __init__(self, **keywords: Any) -> None:
        self.keywords = keywords

    def __get_pydantic_json_schema__(self, schema: Any, handler: Callable[[Any], Any]) -> Any:
        return self.keywords | handler(schema)


def numbers(count: int, meaning: str) -> Keywords:
    """So many numbers, in the order of their `meaning`."""
    return Keywords(minItems=count, maxItems=count, description=meaning)


Uuid = Annotated[str, Keywords(format="uuid")]


# --- Sources ---------------------------------------------------------------------------------


def ms(name: str) -> Source:
    """A time as epoch milliseconds."""
    get = attrgetter(name)

    def source(row: Any) -> int | None:
        moment: datetime | None = get(row)
        return None if moment is None else int(moment.timestamp() * 1000)

    return source


def username(name: str) -> Source:
    """The user name of a related person, null where there is none."""
    get = attrgetter(name)

    def source(row: Any) -> str | None:
        user = get(row)
        return None if user is None else user.get_username()

    return source


def or_null(name: str) -> Source:
    """A text, null where it is empty."""
    get = attrgetter(name)
    return lambda row: get(row) or None


def text(name: str) -> Source:
    """A value as text."""
    get = attrgetter(name)
    return lambda row: str(get(row))


# --- Rows, examples --------------------------------------------------------------------------


def _fields(shape: Any) -> list[tuple[str, Of, bool]]:
    """(name, source and example, whether it is required) of each field."""
    return [
        (name, _declared(hint), name in shape.__required_keys__)
        for name, hint in get_type_hints(shape, include_extras=True).items()
    ]


def _declared(hint: Any) -> Of:
    if get_origin(hint) is not Annotated:
        (hint,) = get_args(hint)  # of NotRequired
    return next(extra for extra in hint.__metadata__ if isinstance(extra, Of))


class _Sources(dict[Any, list[tuple[str, Source]]]):
    """The name and source of each field, by shape."""

    def __missing__(self, shape: Any) -> list[tuple[str, Source]]:
        found = [
            (name, _left_out if type(field) is Given and not required else field.source)
            for name, field, required in _fields(shape)
        ]
        self[shape] = found
        return found


_sources = _Sources()


def represent(shape: type[Shape], row: Any, **given: Any) -> Shape:
    """What `row` looks like; `given` takes the place of fields' sources."""
    sources = _sources[shape]
    if given:
        answer = {name: given[name] if name in given else source(row) for name, source in sources}
    else:
        answer = {name: source(row) for name, source in sources}
    optional: frozenset[str] = shape.__optional_keys__  # type: ignore[attr-defined]
    for name in optional:
        if not answer[name]:
            del answer[name]
    return cast(Shape, answer)


def represent_each(shape: type[Shape], rows: Iterable[Any]) -> list[Shape]:
    return [represent(shape, row) for row in rows]


def example(shape: type[Shape], **other: Any) -> Shape:
    """The shape's example, with `other` values in place of its own."""
    found = {name: field.example for name, field, _ in _fields(shape)} | other
    return cast(Shape, {name: value for name, value in found.items() if value is not _NONE})
