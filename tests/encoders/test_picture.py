"""Pictures as vectors: alike where they look alike, whatever the file, and nothing breaks on what is no picture."""

import io
from typing import Any

import numpy as np
import pytest

Image = pytest.importorskip("PIL.Image", reason="pillow is not installed")
pytest.importorskip("efficientnet_lite_pytorch", reason="aisle[pictures] is not installed")

from aisle.encoders.picture import SEEN, PictureEncoder, coloured  # noqa: E402


def painted(colour: tuple[int, ...], size: tuple[int, int] = (60, 80), kind: str = "PNG", mode: str = "RGB") -> bytes:
    """A thing of one colour before a white wall."""
    white = (255,) * len(colour)
    picture = Image.new(mode, size, white)
    picture.paste(Image.new(mode, (size[0] // 2, size[1] // 2), colour), (size[0] // 4, size[1] // 4))
    file = io.BytesIO()
    picture.save(file, kind)
    return file.getvalue()


@pytest.fixture(scope="module")
def encoder() -> PictureEncoder:
    return PictureEncoder()


def test_one_vector_of_unit_length_a_picture(encoder: PictureEncoder) -> None:
    assert encoder.encode([]).shape == (0, encoder.dim)
    made = encoder.encode([painted((200, 30, 30)), painted((30, 30, 200))])
    assert made.shape == (2, encoder.dim) and made.dtype == np.float32
    np.testing.assert_allclose(np.linalg.norm(made, axis=1), 1, rtol=1e-5)
    np.testing.assert_allclose(np.linalg.norm(made[:, :SEEN], axis=1), 0.5**0.5, rtol=1e-5)


def test_what_looks_alike_lies_together_whatever_the_size_and_kind_of_the_file(encoder: PictureEncoder) -> None:
    red, large, jpeg, blue = encoder.encode([
        painted((200, 30, 30)), painted((200, 30, 30), (600, 800)), painted((202, 31, 29), kind="JPEG"),
        painted((30, 30, 200)),
    ])  # fmt: skip
    assert min(red @ large, red @ jpeg) > 0.9 > red @ blue


def test_a_see_through_wall_is_a_white_one(encoder: PictureEncoder) -> None:
    thing = Image.new("RGBA", (60, 80), (0, 0, 0, 0))
    thing.paste(Image.new("RGBA", (30, 40), (200, 30, 30, 255)), (15, 20))
    file = io.BytesIO()
    thing.save(file, "PNG")
    made, plain = encoder.encode([file.getvalue(), painted((200, 30, 30))])
    assert made @ plain > 0.98


def test_what_is_no_picture_is_a_row_of_zeros_between_the_others(encoder: PictureEncoder) -> None:
    good = painted((200, 30, 30))
    made = encoder.encode([b"", good, b"not a picture", good[: len(good) // 2], painted((9,), mode="L")])
    assert made.any(axis=1).tolist() == [False, True, False, False, True]
    np.testing.assert_array_equal(made[1], encoder.encode([good])[0])


def test_colours_are_those_of_the_thing_and_not_of_the_wall() -> None:
    small, all_of_it = Image.new("RGB", (32, 32), "white"), Image.new("RGB", (32, 32), (200, 30, 30))
    small.paste(all_of_it.resize((8, 8)), (4, 4))
    np.testing.assert_allclose(coloured(small), coloured(all_of_it))
    white = coloured(Image.new("RGB", (32, 32), "white"))
    assert white.sum() == 1 and white @ coloured(all_of_it) == 0


def test_a_strip_a_turned_photograph_and_sixteen_bits_are_read_and_an_eps_is_not(encoder: PictureEncoder) -> None:
    def file(picture: Any, kind: str = "PNG", **how: Any) -> bytes:
        made = io.BytesIO()
        picture.save(made, kind, **how)
        return made.getvalue()

    strip = file(Image.new("RGB", (100_000, 4), (200, 30, 30)))
    turned = Image.open(io.BytesIO(painted((200, 30, 30), (600, 800)))).rotate(90, expand=True)
    exif = Image.Exif()
    exif[0x0112] = 6  # orientation: turn a quarter to see it upright
    photograph = file(turned, "JPEG", exif=exif)
    grey = file(Image.fromarray((np.tile(np.arange(64), (64, 1)) * 1000).astype(np.uint16)))
    white = file(Image.new("RGB", (64, 64), "white"))
    eps = file(Image.new("RGB", (60, 80), (200, 30, 30)), "EPS")
    made = encoder.encode([strip, photograph, painted((200, 30, 30), (600, 800)), grey, white, eps])
    assert made.any(axis=1).tolist() == [True] * 5 + [False]
    assert made[1] @ made[2] > 0.95 > made[3] @ made[4]
