"""Two kinds of networks, one answer.

The detailed network draws by far the better outline, but loses a face that it does not recognise as one, and now and
then takes a thing for a person; the simple ones lose nothing big, but are vague. So the outline is the detailed
network's, holes in it are filled where the others see a person, and what the others do not see at all is dropped.
"""

from __future__ import annotations

import cv2
import numpy as np

from vcam.frame import FloatArray, Pixels

# Share of the simple networks in the mean; how sure they must be of a hole; what of theirs counts as seen at all, and
# how far around it (share of the grid's shorter side) the detailed network may go: loose hair, a hand.
_SHARE = 0.15
_SURE, _SEEN, _REACH = 0.5, 0.25, 0.03
# A hole has person on so many sides, and is no narrower than this share of the person's size, to each side.
_SIDES, _BROAD = 3, 0.07
# A piece apart from the person needs this much of the simple networks' support.
_PIECE, _SUPPORT = 0.3, 0.4
_AROUND = np.ones((3, 3), np.uint8)


def fused(detailed: FloatArray | None, simple: FloatArray | None) -> FloatArray:
    """One probability (float32, height × width) of the two; either may be missing."""
    if detailed is None or simple is None:
        found = detailed if simple is None else simple
        assert found is not None, "no network has looked"
        return found
    found = detailed + np.float32(_SHARE) * (simple - detailed)
    holes = _softened(cv2.dilate(_holes(*((each > _SURE).view(np.uint8) for each in (detailed, simple))), _AROUND))
    found += (np.maximum(found, simple) - found) * holes
    found *= _softened(_vicinity(simple))
    return _without_unsupported(found, simple)


def _holes(person: Pixels, simple: Pixels) -> Pixels:
    """Where the simple networks see a person, and the detailed one does so on at least three of four sides; but no
    narrow strips: what lies in a bend of the outline, under the hair and over a shoulder, is a thing behind."""
    sides = (np.maximum.accumulate(person, 1) + np.maximum.accumulate(person[:, ::-1], 1)[:, ::-1]
             + np.maximum.accumulate(person, 0) + np.maximum.accumulate(person[::-1], 0)[::-1])
    holes = (sides >= _SIDES).view(np.uint8) & simple & (1 - person)
    breadth = round(_BROAD * float(simple.sum()) ** 0.5)
    core = cv2.erode(holes, _disc(breadth))
    return cv2.dilate(core, _disc(2 * breadth)) & holes if core.any() else core


def _vicinity(simple: FloatArray) -> Pixels:
    reach = max(round(_REACH * min(simple.shape)), 1)
    return cv2.dilate((simple > _SEEN).view(np.uint8), _disc(reach))


def _disc(radius: int) -> Pixels:
    return np.asarray(cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (2 * radius + 1, 2 * radius + 1)), np.uint8)


def _softened(mask: Pixels) -> FloatArray:
    return cv2.GaussianBlur(mask.astype(np.float32), (0, 0), 1.0)


def _without_unsupported(found: FloatArray, simple: FloatArray) -> FloatArray:
    count, labels, pieces, _ = cv2.connectedComponentsWithStats((found > _PIECE).view(np.uint8), connectivity=8)
    if count <= 2:
        return found
    areas = pieces[:, cv2.CC_STAT_AREA].astype(np.float64)
    support = np.bincount(labels.ravel(), simple.ravel(), count) / np.maximum(areas, 1)
    gone = support < _SUPPORT
    areas[0] = 0
    gone[0], gone[int(areas.argmax())] = False, False
    if gone.any():
        found[cv2.dilate(gone.astype(np.uint8)[labels], _AROUND) > 0] = 0
    return found
