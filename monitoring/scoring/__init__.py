"""A model file → probabilities, by ONNX Runtime."""

from monitoring.scoring.scorer import Scorer, with_predictions

__all__ = ["Scorer", "with_predictions"]
