"""How far a matte is from the truth: one number a frame and measure, after the papers that introduced them.

Mattes are uint8 (height, width), 0 background … 255 person. Scales are those of the tables in Lin, Yang, Saleemi and
Sengupta, "Robust High-Resolution Video Matting with Temporal Guidance" (WACV 2022): absolute and squared differences in
thousandths, ``dtssd`` in hundredths, ``gradient`` and ``connectivity`` sums in thousands. The last two are sums over
pixels and so depend on the size of the frame: they are measured on mattes ``reduced`` to that paper's low resolution.
"""

from __future__ import annotations

from functools import cache
from itertools import pairwise

import cv2
import numpy as np
from numpy.typing import NDArray

from vcam.frame import FloatArray, Pixels

Mask = NDArray[np.bool_]

REDUCED_WIDTH = 512
PERSON = 128  # the first level of a matte that is nearer to person than to background
_SIGMA = 1.4
_STEP, _LEAST = 0.1, 0.15
_TOLERANCE = 0.008  # of the diagonal


def reduced(matte: Pixels) -> FloatArray:
    """The matte in 0–1, ``REDUCED_WIDTH`` wide."""
    height, width = matte.shape
    values = matte.astype(np.float32) / np.float32(255)
    if width == REDUCED_WIDTH:
        return values
    size = (REDUCED_WIDTH, round(height * REDUCED_WIDTH / width))
    return cv2.resize(values, size, interpolation=cv2.INTER_AREA if width > REDUCED_WIDTH else cv2.INTER_LINEAR)


def mad(matte: Pixels, truth: Pixels) -> float:
    """Mean absolute difference × 1000: the sum of absolute differences of Rhemann et al., "A Perceptually Motivated
    Online Benchmark for Image Matting" (CVPR 2009), a pixel."""
    return float(cv2.norm(matte, truth, cv2.NORM_L1) / matte.size / 255 * 1e3)


def mse(matte: Pixels, truth: Pixels) -> float:
    """Mean squared difference × 1000 (Rhemann et al. 2009)."""
    return float(cv2.norm(matte, truth, cv2.NORM_L2SQR) / matte.size / 255**2 * 1e3)


def gradient(matte: FloatArray, truth: FloatArray) -> float:
    """Difference of the gradients' lengths, squared and summed, / 1000 (Rhemann et al. 2009, section 4): blurred or
    misplaced edges. Gradients are those of a Gaussian of 1.4 pixels, of mattes (0–1) stretched to their full range."""
    return float(((_steepness(matte) - _steepness(truth)) ** 2).sum() / 1e3)


def _steepness(matte: FloatArray) -> NDArray[np.float64]:
    low, high = float(matte.min()), float(matte.max())
    values = (matte.astype(np.float64) - low) / (high - low) if high > low else np.zeros(matte.shape)
    smooth, derived = _gaussian()
    across = cv2.sepFilter2D(values, cv2.CV_64F, derived, smooth, borderType=cv2.BORDER_REPLICATE)
    down = cv2.sepFilter2D(values, cv2.CV_64F, smooth, derived, borderType=cv2.BORDER_REPLICATE)
    return np.hypot(across, down)


@cache
def _gaussian() -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """A Gaussian and its derivative, each of unit length; they end where the Gaussian falls below 0.01."""
    reach = int(np.ceil(_SIGMA * np.sqrt(-2 * np.log(np.sqrt(2 * np.pi) * _SIGMA * 0.01))))
    x = np.arange(-reach, reach + 1, dtype=np.float64)
    smooth = np.exp(-(x**2) / (2 * _SIGMA**2))
    derived = x * smooth
    return smooth / np.linalg.norm(smooth), derived / np.linalg.norm(derived)


def connectivity(matte: FloatArray, truth: FloatArray) -> float:
    """Difference of how far pixels are connected to the subject, summed, / 1000 (Rhemann et al. 2009, section 4):
    detached blobs and holes.

    The subject at a level is the largest 4-connected area in which both mattes (0–1) reach it. A pixel is connected up
    to the last of the levels (0, 0.1 … 1) that leave it in the subject; what a matte has above that counts as detached,
    from 0.15 on.
    """
    connected = np.full(matte.shape, -1.0, np.float32)
    levels = np.arange(11) * _STEP
    for below, level in pairwise(levels):
        outside = ~_largest((matte >= level) & (truth >= level))
        connected[(connected < 0) & outside] = below
    connected[connected < 0] = 1
    detached = [np.where(values - connected >= _LEAST, values - connected, 0) for values in (matte, truth)]
    return float(np.abs(detached[0] - detached[1]).sum(dtype=np.float64) / 1e3)


def _largest(mask: Mask) -> Mask:
    count, labels, statistics, _ = cv2.connectedComponentsWithStats(mask.view(np.uint8), connectivity=4)
    if count == 1:
        return np.zeros(mask.shape, np.bool_)
    return np.asarray(labels == 1 + int(statistics[1:, cv2.CC_STAT_AREA].argmax()))


def dtssd(matte: Pixels, before: Pixels, truth: Pixels, truth_before: Pixels) -> float:
    """Root of the mean squared difference of the changes since the frame before, × 100: flicker and lag where the truth
    is known. Erofeev et al., "Perceptually Motivated Benchmark for Video Matting" (BMVC 2015)."""
    change = cv2.subtract(matte, before, dtype=cv2.CV_16S)
    difference = cv2.subtract(change, cv2.subtract(truth, truth_before, dtype=cv2.CV_16S))
    # Not cv2.norm: OpenCV 5.0's counts the last few of 16-bit values twice.
    return float(np.sqrt(np.square(difference, dtype=np.int32).mean()) / 255 * 1e2)


def iou(matte: Pixels, truth: Pixels) -> float:
    """Intersection over union of the persons, × 100; 100 if there is none in either. Everingham et al., "The PASCAL
    Visual Object Classes (VOC) Challenge" (IJCV 2010)."""
    person, true_person = matte >= PERSON, truth >= PERSON
    union = np.count_nonzero(person | true_person)
    return 100.0 * np.count_nonzero(person & true_person) / union if union else 100.0


def boundary(matte: Pixels, truth: Pixels) -> float:
    """F-measure of the outlines, × 100: harmonic mean of the shares of either that lie within 0.8 % of the diagonal of
    the other. Perazzi et al., "A Benchmark Dataset and Evaluation Methodology for Video Object Segmentation" (CVPR
    2016), after Martin, Fowlkes and Malik (PAMI 2004)."""
    found, wanted = outline(matte), outline(truth)
    if not found.any() or not wanted.any():
        return 100.0 if found.any() == wanted.any() else 0.0
    precision, recall = _share_near(found, wanted), _share_near(wanted, found)
    return 200 * precision * recall / (precision + recall) if precision + recall else 0.0


def outline(matte: Pixels) -> Mask:
    """The pixels whose right or lower neighbour is on the other side of the outline."""
    person = matte >= PERSON
    edge = np.zeros(person.shape, np.bool_)
    edge[:, :-1] = person[:, :-1] ^ person[:, 1:]
    edge[:-1] |= person[:-1] ^ person[1:]
    return edge


def _share_near(some: Mask, others: Mask) -> float:
    """Share of the pixels of one outline that are near the other."""
    radius = max(1, int(np.ceil(_TOLERANCE * np.hypot(*some.shape))))
    disc = cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (2 * radius + 1, 2 * radius + 1))
    near = cv2.dilate(others.view(np.uint8), disc).view(np.bool_)
    return float(np.count_nonzero(some & near) / np.count_nonzero(some))
