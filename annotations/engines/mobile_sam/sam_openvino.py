"""MobileSAM with its encoder on OpenVINO in bfloat16: half the time where the CPU has
instructions for it. An optional package; the decoder stays with ONNX Runtime."""

from functools import cached_property
from typing import Any

from ..base import Floats
from ..errors import EngineUnavailable
from .sam_onnx import SamOnnx, require_whole, unusable
from .shapes import FRAME

_SHAPE = (1, 3, FRAME.side, FRAME.side)


class SamOpenVino(SamOnnx):
    """As `SamOnnx`, but for the encoder."""

    @cached_property
    def _encoder(self) -> Any:
        try:
            import openvino
        except ImportError as error:
            raise EngineUnavailable(
                "OpenVINO is not installed: pip install openvino, or set SEGWEB_PRECISION."
            ) from error
        path = self._folder / self._encoder_file
        require_whole(path)
        options = {
            # Left to itself it takes bfloat16 as well, but only where it likes to.
            "INFERENCE_PRECISION_HINT": "bf16",
            "INFERENCE_NUM_THREADS": self._threads,
            "PERFORMANCE_HINT": "LATENCY",
        }
        try:
            core = openvino.Core()
            model = core.read_model(str(path))
            model.reshape({"input": list(_SHAPE)})
            return core.compile_model(model, "CPU", options).create_infer_request()
        except Exception as error:  # OpenVINO raises RuntimeError for whatever it is
            raise unusable(path, error) from error

    def _encode(self, tensor: Floats) -> Floats:
        answer = self._encoder.infer({0: tensor[None]})
        values: Floats = answer[0][0].copy()  # the request's memory is used again
        return values
