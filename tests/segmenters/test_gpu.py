"""Networks beside the GPU's verbs: bound to their memory, or refused; other runtimes get copies."""

from __future__ import annotations

from importlib.util import find_spec
from typing import cast

import numpy as np
import pytest

from tests.ops.devices import ON_DEVICES, device
from vcam.errors import DeviceError
from vcam.frame import Colour, Frame, FramePool, Region, Size
from vcam.ops import Ops
from vcam.ops.cpu import CpuOps
from vcam.ops.gpu import GpuOps
from vcam.ops.gpu.device import Device
from vcam.segmenters import make_segmenter
from vcam.segmenters.decode import probability
from vcam.sources import SourceOptions, make_source

pytestmark = pytest.mark.skipif(not find_spec("onnxruntime"), reason="ONNX Runtime is not installed")
SIZE = Size(640, 360)


@pytest.fixture(scope="module")
def portrait() -> Frame:
    source = make_source("demo:", SourceOptions(size=SIZE, colour=Colour.BT709), FramePool())
    source.open()
    frame = source.read()
    assert frame is not None
    return CpuOps().prepare(frame, SIZE, Colour.BT709, mirror=False)


def verbs(there: Device) -> Ops:
    return cast(Ops, GpuOps(there))


@pytest.mark.parametrize(("model", "runtime"), [("general", "onnx"), ("landscape", "onnx"), ("general", "litert"),
                                                ("average", "onnx")])
@pytest.mark.parametrize("name", ON_DEVICES)
def test_it_says_what_it_says_beside_the_cpu(portrait: Frame, name: str, model: str, runtime: str) -> None:
    ops, region = verbs(device(name)), Region(160, 40, 320, 320)
    expected = make_segmenter(model, CpuOps(), runtime).segment(portrait, region)
    found = ops.to_host(make_segmenter(model, ops, runtime).segment(portrait, region))
    assert found.shape == expected.shape
    assert np.abs(found - expected).max() < 0.01


def test_its_answer_stays_on_the_device(portrait: Frame) -> None:
    there = device(ON_DEVICES[0])
    segmenter = make_segmenter("general", verbs(there), "onnx")
    assert isinstance(segmenter.segment(portrait, Region.whole(SIZE)), there.xp.ndarray)
    assert segmenter.runtime.endswith(f" on {there.name}")


@pytest.mark.parametrize("name", ON_DEVICES)
@pytest.mark.parametrize("classes", [1, 6])
def test_answers_are_read_where_they_are(name: str, classes: int) -> None:
    there = device(name)
    output = np.random.default_rng(1).uniform(0, 1, (8, 8, classes)).astype(np.float32)
    with there.working():
        found = probability(there.upload(output))
        assert isinstance(found, there.xp.ndarray)
        assert np.abs(there.download(found) - probability(output)).max() < 1e-5


def test_a_network_that_would_run_elsewhere_is_refused() -> None:
    there = device("kernels")
    there.provider = ("CUDAExecutionProvider", {})
    import onnxruntime

    if "CUDAExecutionProvider" in onnxruntime.get_available_providers():
        pytest.skip("it may run there")
    with pytest.raises(DeviceError) as caught:
        make_segmenter("general", verbs(there), "onnx")
    assert "installed without CUDA" in caught.value.message
    assert "vcam[cuda13]" in caught.value.hint
