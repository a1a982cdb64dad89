"""The embedding of the `face_recognition` package: dlib's residual network, 128 numbers, run by ONNX Runtime."""

import numpy as np
from numpy.typing import NDArray

from services.biometrics.face.aligned_engine import AlignedFaceEngine
from services.biometrics.face.finding import FoundFace, model_file
from services.biometrics.face.resnet import CHIP_PX, DIMENSION, ResNet


class DlibFaceEngine(AlignedFaceEngine):
    """The user's own choice of network; always there, because its weights come with a locked package."""

    model_id = "dlib-resnet-v1"
    dimension = DIMENSION

    def __init__(self) -> None:
        """Load the models; a quarter of a second.

        Raises:
            FaceEngineUnavailableError: a model file is missing or not the expected one.
        """
        super().__init__()
        self._network = ResNet(model_file("dlib_face_recognition_resnet_model_v1.dat"))

    def _embed(self, rgb: NDArray[np.uint8], face: FoundFace) -> NDArray[np.float32]:
        embedding: NDArray[np.float32] = self._network.embed(face.chip(rgb, CHIP_PX)[None])[0]
        return embedding
