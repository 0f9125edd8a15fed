"""How retraining is set up, from environment variables. `docs/training.md` documents each."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from monitoring.errors import Refused
from monitoring.policy.promotion_policy import DEFAULT_PROMOTION, PromotionPolicy
from monitoring.retraining.limits import DEFAULT_LIMITS, MEGABYTE, MEMORY_VARIABLE, MINUTES_VARIABLE, WorkLimits
from monitoring.retraining.request import TrainingData

DEFAULT_DATA = (TrainingData(),)


@dataclass(frozen=True, slots=True, kw_only=True)
class RetrainSettings:
    """What the hooks need.

    Attributes:
        folder: watched folder of the hook `folder`, None when none is set; a relative one lies in the data folder.
        recipe: `train.py` of the operator's own, None for the packaged recipe.
        limits: time and memory of a training or a command; time of a hook of third parties.
        data: what the local trainer trains candidates on.
        promotion: TOML file of the promotion policy, None for the default one.
    """

    folder: Path | None = None
    recipe: Path | None = None
    limits: WorkLimits = DEFAULT_LIMITS
    data: tuple[TrainingData, ...] = DEFAULT_DATA
    promotion: Path | None = None


DEFAULT_RETRAIN_SETTINGS = RetrainSettings()


def retrain_settings(environment: Mapping[str, str]) -> RetrainSettings:
    """Settings from the variables that start with `DRIFTLINE_RETRAIN_`, and from `DRIFTLINE_RECIPE`,
    `DRIFTLINE_TRAINING_DATA` and `DRIFTLINE_PROMOTION_POLICY`.

    Raises:
        Refused: a variable cannot be understood.
    """
    return RetrainSettings(
        folder=_path(environment.get("DRIFTLINE_RETRAIN_FOLDER")),
        recipe=_path(environment.get("DRIFTLINE_RECIPE")),
        limits=WorkLimits(
            seconds=_number(environment, MINUTES_VARIABLE, DEFAULT_LIMITS.seconds / 60, "minutes") * 60.0,
            memory=int(_number(environment, MEMORY_VARIABLE, DEFAULT_LIMITS.memory / MEGABYTE, "megabytes") * MEGABYTE),
        ),
        data=_data(environment.get("DRIFTLINE_TRAINING_DATA")),
        promotion=_path(environment.get("DRIFTLINE_PROMOTION_POLICY")),
    )


def read_promotion_policy(file: Path | None) -> PromotionPolicy:
    """The policy in a file, the default one without. Raises Refused."""
    if file is None:
        return DEFAULT_PROMOTION
    try:
        return PromotionPolicy.from_toml(file.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError) as error:
        raise Refused(f"The promotion policy {file.name} (DRIFTLINE_PROMOTION_POLICY) cannot be read.") from error


def _path(text: str | None) -> Path | None:
    return Path(text).expanduser() if text else None


def _number(environment: Mapping[str, str], variable: str, default: float, unit: str) -> float:
    text = environment.get(variable)
    if not text:
        return default
    if not (text.isascii() and text.isdigit() and 0 < int(text) < 10**9):
        raise Refused(f"{variable} must be a whole number of {unit} above 0, such as {default:g}.")
    return float(text)


def _data(text: str | None) -> tuple[TrainingData, ...]:
    if not text:
        return DEFAULT_DATA
    try:
        found = tuple(TrainingData.from_code(part.strip()) for part in text.split(",") if part.strip())
    except ValueError as error:
        raise Refused(f"DRIFTLINE_TRAINING_DATA cannot be used: {error}.") from error
    return tuple(dict.fromkeys(found)) or DEFAULT_DATA
