"""Networks on the GPU: ONNX Runtime bound to the verbs' own memory and stream, so that nothing is copied or awaited."""

from __future__ import annotations

import io
from contextlib import redirect_stdout
from typing import Any

import numpy as np
import onnxruntime

from vcam.errors import DeviceError
from vcam.ops import DeviceArray
from vcam.ops.gpu.device import Device

_REMEDY = "pip uninstall onnxruntime onnxruntime-gpu, then pip install 'vcam[cuda13]' (or cuda12); or --device cpu"


def open_session(network: bytes, options: Any, device: Device) -> Any:
    """A session that computes on the device.

    Raises:
        DeviceError: it computes elsewhere. What ONNX Runtime lists is a wish; only the session says where it computes.
        RuntimeError: the network cannot be loaded.
    """
    provider = device.provider[0]
    title = f"ONNX Runtime {onnxruntime.__version__}"
    if provider not in onnxruntime.get_available_providers():
        raise DeviceError(f"{title} is installed without {provider.removesuffix('ExecutionProvider')}", _REMEDY)
    with redirect_stdout(io.StringIO()):  # pictures may be on their way to standard output
        if hasattr(onnxruntime, "preload_dlls"):
            onnxruntime.preload_dlls()  # CUDA and cuDNN from their wheels
        session = onnxruntime.InferenceSession(network, options, providers=[device.provider])
    used: list[str] = session.get_providers()
    if used[0] != provider:
        raise DeviceError(f"{title} computes on {used[0].removesuffix('ExecutionProvider')} only: its CUDA, cuDNN and "
                          "the driver do not fit each other", _REMEDY)
    return session


class BoundNetwork:
    """A session's first input and output, in the device's memory."""

    def __init__(self, session: Any, device: Device) -> None:
        self._session, self._device = session, device
        self._input, output = session.get_inputs()[0].name, session.get_outputs()[0]
        self._output, self._shape = output.name, tuple(int(side) for side in output.shape)
        self._run_options = onnxruntime.RunOptions()
        # What follows runs on the same stream and comes later by itself.
        self._run_options.add_run_config_entry("disable_synchronize_execution_providers", "1")

    def run(self, tensor: DeviceArray) -> DeviceArray:
        """The network's output for ``tensor``: float32, on the device, perhaps still to be computed."""
        device = self._device
        with device.working():
            output = device.xp.empty(self._shape, np.float32)
            binding = self._session.io_binding()
            binding.bind_input(self._input, device.memory, 0, np.float32, tensor.shape, device.address(tensor))
            binding.bind_output(self._output, device.memory, 0, np.float32, self._shape, device.address(output))
            self._session.run_with_iobinding(binding, self._run_options)
            return output
