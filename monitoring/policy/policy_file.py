"""Policies as files: read from TOML with a sentence for each mistake, named by their content. Pure."""

from __future__ import annotations

import difflib
import hashlib
import json
import tomllib
from typing import Any, ClassVar, Self, get_args

from pydantic import BaseModel, ValidationError

from monitoring.contract import Value
from monitoring.errors import Refused


class PolicyFile(Value):
    """A policy: a plain validated value that is written in TOML and versioned by its content."""

    CALLED: ClassVar[str]
    """What a sentence about a mistake calls it."""

    @property
    def id(self) -> str:
        """Content hash, first 12 hexadecimal digits."""
        content = json.dumps(self.model_dump(mode="json"), sort_keys=True, ensure_ascii=False)
        return hashlib.sha256(content.encode()).hexdigest()[:12]

    @classmethod
    def from_toml(cls, text: str) -> Self:
        """The policy written in TOML. Raises `Refused` with what is wrong, where, and how to mend it."""
        try:
            return cls.model_validate(tomllib.loads(text))
        except tomllib.TOMLDecodeError as error:
            raise Refused(f"The {cls.CALLED} is not valid TOML: {error}.") from error
        except ValidationError as error:
            raise Refused(f"The {cls.CALLED} cannot be used. {_explained(cls, error)}") from error


def _explained(policy: type[BaseModel], error: ValidationError) -> str:
    """The first mistake as a sentence: where, what, and what would do."""
    first = error.errors()[0]
    where = ".".join(str(part + 1) if isinstance(part, int) else part for part in first["loc"]) or "the policy"
    more = f" {error.error_count() - 1} more after that." if error.error_count() > 1 else ""
    if first["type"] == "extra_forbidden":
        return f"{where}: there is no such key.{_closest(policy, first['loc'])}{more}"
    said = first["msg"].removeprefix("Value error, ")
    given = first.get("input")
    shown = f" (it is {json.dumps(given)[:60]})" if isinstance(given, str | int | float) else ""
    return f"{where}: {said[:1].lower()}{said[1:]}{shown}.{more}"


def _closest(policy: type[BaseModel], place: tuple[int | str, ...]) -> str:
    """The key that was probably meant, or all that there are."""
    fields: dict[str, Any] = dict(policy.model_fields)
    for part in place[:-1]:
        if isinstance(part, str) and part in fields:
            inner = fields[part].annotation
            inner = next((kind for kind in get_args(inner) if isinstance(kind, type)), inner)
            fields = dict(inner.model_fields) if isinstance(inner, type) and issubclass(inner, BaseModel) else {}
    close = difflib.get_close_matches(str(place[-1]), fields, n=1)
    return f" Did you mean {close[0]}?" if close else f" There are {', '.join(fields)}."
