"""What a network's numbers mean: input scaling and output decoding by the number of its classes."""

from __future__ import annotations

import numpy as np

from vcam.frame import FloatArray

# The multiclass network's softmax leaves 0.9 in sure places; this gain on the log-odds makes them sure.
_MULTICLASS_GAIN = np.float32(3.5)


def input_scaling(classes: int) -> tuple[float, float]:
    """Scale and offset of RGB 0–255: one class is fed 0–1, several −1–1."""
    return (1 / 255, 0.0) if classes == 1 else (1 / 127.5, -1.0)


def probability(output: FloatArray) -> FloatArray:
    """Probability of person from ``output`` (height, width, classes).

    One class: as it is. Several: logits with background first, person = sigmoid(k · (log Σ exp(others) − background)).
    """
    if output.shape[2] == 1:
        return output[..., 0]
    background, others = output[..., 0], output[..., 1:]
    peak = others.max(axis=2)
    person = peak + np.log(np.exp(others - peak[..., None]).sum(axis=2))
    odds = np.clip(_MULTICLASS_GAIN * (person - background), -30, 30)
    return (1 / (1 + np.exp(-odds))).astype(np.float32)
