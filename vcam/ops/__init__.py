"""Pixel verbs on a device: ``pick`` is the one place that chooses the device.

Everything between capture and sink is said in these verbs, so that another device serves by implementing them.
Arrays named ``DeviceArray`` live on the verbs' own device and are opaque to callers; a Frame lives on the host.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Protocol

from numpy.typing import NDArray

from vcam.errors import DeviceError
from vcam.frame import Colour, FloatArray, Frame, Matte, Pixels, Region, Size

DeviceArray = Any


@dataclass(frozen=True, slots=True, eq=False)
class Guide:
    """The colours of a frame on its matte's grid.

    Attributes:
        planes: uint8 (3, height, width): Y, U, V, one sample per ``factor`` × ``factor`` pixels.
        factor: pixels per grid step.
        levels: Y, U, V planes (equal sizes) of the halvings on the way, keyed by pixels per sample.
        colour: matrix of the YUV values.
        size: of the frame.
    """

    planes: DeviceArray
    factor: int
    levels: dict[int, tuple[DeviceArray, DeviceArray, DeviceArray]]
    colour: Colour
    size: Size


@dataclass(frozen=True, slots=True)
class TemporalSettings:
    """How the matte follows the network (refine.temporal explains the model).

    ``still_weight``: share of a new frame's evidence where nothing moves, at 30 frames per second. ``noise``: change
    of colour (0–1) that is not motion. ``gain``: motion per change above it. ``centre``, ``half_width``: the
    probability that becomes alpha 0.5 and how far around it alpha is uncertain.
    """

    still_weight: float = 0.25
    noise: float = 0.02
    gain: float = 12.0
    centre: float = 0.57
    half_width: float = 0.42


@dataclass(frozen=True, slots=True)
class EdgeSettings:
    """How alpha is fitted to colour (refine.edges explains the model): the variance of RGB (0–1) below which a
    difference of colour is noise, for finding the edge on the grid (``align``) and for the matte itself (``fit``)."""

    align: float = 1e-4
    fit: float = 1e-3


@dataclass(frozen=True, slots=True)
class Tone:
    """Light for the person: gain of Y above black, offsets of U and V, and how much of the background's light wraps
    around the outline (0–1)."""

    gain: float
    blue: float
    red: float
    wrap: float


@dataclass(frozen=True, slots=True, eq=False)
class Remembered:
    """What the temporal filter keeps of the last frame: its guide and the filtered probability."""

    guide: Guide
    probability: DeviceArray


class Ops(Protocol):
    """The verbs. One thread at a time calls them; results may share buffers that the next call of a verb reuses.

    ``name`` says the device in words.
    """

    name: str

    def prepare(self, frame: Frame, size: Size, colour: Colour, mirror: bool) -> Frame:
        """The frame as I420 of ``size`` and ``colour``: scaled to cover and centre-cropped; mirrored if asked."""

    def network_input(self, frame: Frame, region: Region, size: Size, scale: float, offset: float,
                      planar: bool) -> DeviceArray:
        """RGB · scale + offset of an I420 frame's region stretched to ``size``: float32 (1, 3, h, w), or (1, h, w, 3).
        """

    def to_host(self, array: DeviceArray) -> NDArray[Any]:
        """The same array as numpy's, maybe the very memory."""

    def to_device(self, array: NDArray[Any]) -> DeviceArray:
        """A numpy array as the device's."""

    def guide(self, frame: Frame) -> Guide:
        """The frame's colours on the matte's grid."""

    def evidence(self, probability: DeviceArray, region: Region, guide: Guide) -> DeviceArray:
        """A network's probability (any size) of a region as float32 on the grid; 0 where it did not look.

        Raises:
            SegmenterError: it is no probability (not finite, or outside 0–1).
        """

    def joined(self, inside: DeviceArray, region: Region, outside: DeviceArray, guide: Guide) -> DeviceArray:
        """Evidence that is ``inside`` within the region and ``outside`` elsewhere."""

    def extent(self, found: DeviceArray, guide: Guide, upper: float = 1.0) -> Region | None:
        """What encloses the person in this evidence, or their ``upper`` share, without small pieces apart; None:
        there is nobody."""

    def second_look(self, first: DeviceArray, second: DeviceArray, region: Region, guide: Guide) -> DeviceArray:
        """What a second look, only at the region, says differently: to be remembered (ops.second)."""

    def corrected(self, first: DeviceArray, guide: Guide, look: DeviceArray) -> DeviceArray:
        """A first look corrected by ``second_look``'s result of this frame or an earlier one."""

    def touches_edge(self, found: DeviceArray, region: Region, guide: Guide) -> bool:
        """Whether the person reaches a side of the region that is not a side of the frame."""

    def compare(self, found: DeviceArray, guide: Guide, plate: DeviceArray | None,
                empty: bool) -> tuple[DeviceArray, DeviceArray]:
        """Evidence corrected by what was learnt of the room, and that plate with this frame learnt (ops.plate).

        ``plate`` None: nothing is known yet. ``empty``: nobody is in the picture.
        """

    def follow(self, now: DeviceArray, guide: Guide, last: Remembered | None, seconds: float,
               settings: TemporalSettings) -> tuple[DeviceArray, Remembered]:
        """Alpha in 0–1 (float32, grid) from evidence on the grid and what was seen ``seconds`` ago."""

    def matte(self, alpha: DeviceArray, guide: Guide, seq: int, edges: EdgeSettings) -> Matte:
        """Move alpha's edge to the guide's, then fit it to the guide's colours."""

    def mean_colours(self, guide: Guide, matte: Matte, background: Pixels) -> tuple[FloatArray, FloatArray]:
        """Mean Y, U, V (float32, numpy) of the person and of an I420 background."""

    def toned(self, frame: Frame, matte: Matte, background: Pixels, tone: Tone) -> Frame:
        """The frame with its person in another light; its pixels may be the device's."""

    def composite(self, frame: Frame, matte: Matte, background: Pixels) -> Pixels:
        """I420 pixels: the frame's person over an I420 background of the same size and colour, from host or device.

        A background is remembered by identity: an array that was shown must not be written to again.
        """

    def full_alpha(self, frame: Frame, matte: Matte) -> Pixels:
        """The matte at full resolution: uint8 (height, width)."""

    def blurred_background(self, guide: Guide, matte: Matte, sigma: float) -> DeviceArray:
        """I420 pixels on the device: the frame blurred (``sigma`` in pixels) as if the person were not there."""


def grid_factor(size: Size) -> int:
    """Pixels per grid step for a frame: a power of two, at least 4, that keeps the grid under 256 a side."""
    factor = 4
    while max(size.width, size.height) > factor * 255:
        factor *= 2
    return factor


def pick(device: str) -> Ops:
    """The verbs for ``auto``, ``cpu`` or ``gpu``.

    ``auto`` takes a GPU only if it is proven (``probe.gpu_status``) and networks run on it too; where one is set up and
    is not taken, the CPU's name says why.

    Raises:
        DeviceError: ``gpu`` was asked for and cannot be used (says why).
    """
    from vcam.ops.cpu import CpuOps

    if device == "cpu":
        return CpuOps()
    from vcam.ops.probe import gpu_is_set_up, gpu_ops, network_status

    ops, reason = gpu_ops()
    if device == "gpu":
        if ops is None:
            raise DeviceError(f"device 'gpu' cannot be used: {reason}", "use --device cpu or auto")
        return ops
    if ops is not None:
        usable, reason = network_status()
        if usable:
            return ops
    chosen = CpuOps()
    if gpu_is_set_up():
        chosen.name = f"CPU (the GPU is not used: {reason})"
    return chosen
