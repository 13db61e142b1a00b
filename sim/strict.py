"""The frozen base of every setting, the mark each default carries, and the error a user can read."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field

Mark = Literal["sourced", "calibrated", "prototype", "assumed"]
"""Where a default comes from: a source, a fit, a prototype's fit that awaits ours, or an assumption."""

Share = Annotated[float, Field(ge=0, le=1)]
"""A fraction of a whole, 0 to 1; percent is spelled ``_pct``."""


class InputError(Exception):
    """What the user asked for cannot be done; the message says what was read, what is allowed, and what to do.

    The command prints it without a traceback and exits with code 2.
    """


class Strict(BaseModel):
    """Frozen, refuses unknown keys, and keeps NaN and infinity out."""

    model_config = ConfigDict(frozen=True, extra="forbid", allow_inf_nan=False, arbitrary_types_allowed=False)


def setting(default: Any, mark: Mark, source: str, *, unit: str = "", **limits: Any) -> Any:
    """A default with its mark, its source or reason, its unit, and its limits (``ge``, ``le``, ...)."""
    return Field(
        default, description=source, json_schema_extra={"mark": mark, "source": source, "unit": unit}, **limits
    )
