"""Validation of photos: judged by content, decoded, and encoded anew.

Only pixels are kept: whatever else a file carries (location, camera, comments, thumbnails, a script after the image) is
not in the new one. Everything here blocks; call it in a thread.
"""

from __future__ import annotations

import io
from dataclasses import dataclass
from typing import Any, Final

from PIL import Image, ImageCms

from domain.errors import Invalid
from domain.photos import MAX_PHOTO_BYTES, MEGABYTE, photo_too_large

MAX_PIXELS: Final = 30_000_000
"""Of a picture that is decoded whole: it takes up to 13 bytes a pixel."""

MAX_PROGRESSIVE_PIXELS: Final = 50_000_000
"""Of a progressive JPEG: decoded small, but its coefficients are held whole, 3 bytes a pixel."""

MAX_JPEG_PIXELS: Final = 100_000_000
"""Of any other JPEG, which is decoded small, row by row. Phones take photos of 50 megapixels and more."""

MIN_SIDE: Final = 16
MAX_SIDE: Final = 1280
MAX_RATIO: Final = 20  # Telegram rejects larger ratios of the sides
MAX_PROFILE_BYTES: Final = 2 * MEGABYTE  # of a colour profile; larger ones are not for photos
QUALITY: Final = 85
STRIP_ROWS: Final = 64
FORMATS: Final = ("JPEG", "PNG", "WEBP")  # no other decoder can be reached
HEIC_BRANDS: Final = (b"heic", b"heix", b"heim", b"heis", b"hevc", b"hevx", b"mif1", b"msf1")

_ORIENTATION: Final = 0x0112
_UPRIGHT: Final = {
    2: Image.Transpose.FLIP_LEFT_RIGHT,
    3: Image.Transpose.ROTATE_180,
    4: Image.Transpose.FLIP_TOP_BOTTOM,
    5: Image.Transpose.TRANSPOSE,
    6: Image.Transpose.ROTATE_270,
    7: Image.Transpose.TRANSVERSE,
    8: Image.Transpose.ROTATE_90,
}


@dataclass(frozen=True, slots=True)
class CleanImage:
    """JPEG encoded here: sRGB, at most MAX_SIDE pixels a side."""

    data: bytes
    width: int
    height: int


# Pillow warns above this and refuses twice of it, before any decoder of ours is asked.
Image.MAX_IMAGE_PIXELS = MAX_JPEG_PIXELS


def clean_image(data: bytes) -> CleanImage:
    """Decode a JPEG, PNG or WEBP and encode it anew, upright and without metadata. Blocks for up to a second.

    Raises Invalid: photo.not_an_image, photo.heic, photo.too_large (limit_mb), photo.too_many_pixels (limit_mp),
    photo.too_small (min_side; also when it is far longer than wide), photo.animated. Nothing else.
    """
    if len(data) > MAX_PHOTO_BYTES:
        raise photo_too_large()
    if data[4:8] == b"ftyp" and data[8:12] in HEIC_BRANDS:
        raise Invalid("photo.heic")
    try:
        with Image.open(io.BytesIO(data), formats=FORMATS) as source:  # reads the header only
            _check_header(source)
            return _encode(_pixels(source))
    except Invalid:
        raise
    except (Image.DecompressionBombError, Image.DecompressionBombWarning):
        raise _too_many_pixels(MAX_JPEG_PIXELS) from None
    except Exception:  # noqa: BLE001 - decoders of hostile bytes raise anything, and all of it means the same
        raise Invalid("photo.not_an_image") from None


def _too_many_pixels(limit: int) -> Invalid:
    return Invalid("photo.too_many_pixels", limit_mp=limit // 1_000_000)


def _max_pixels(source: Any) -> int:
    """Return how many pixels such a picture may have. A JPEG with a second picture is one to Pillow by another name."""
    if source.format not in {"JPEG", "MPO"}:
        return MAX_PIXELS
    return MAX_PROGRESSIVE_PIXELS if source.info.get("progressive") else MAX_JPEG_PIXELS


def _check_header(source: Any) -> None:
    width, height = source.size
    if width * height > (limit := _max_pixels(source)):
        raise _too_many_pixels(limit)
    if min(width, height) < MIN_SIDE or max(width, height) > MAX_RATIO * min(width, height):
        raise Invalid("photo.too_small", min_side=MIN_SIDE)
    # A phone's JPEG may contain a second picture (depth, brightness) as another "frame": the first one is the photo.
    if source.format in {"PNG", "WEBP"} and getattr(source, "n_frames", 1) > 1:
        raise Invalid("photo.animated")


def _pixels(source: Any) -> Any:
    """Return the picture as sRGB: upright, on white, at most MAX_SIDE a side. Shrunk first: the rest is then cheap."""
    source.draft(None, (MAX_SIDE * 2, MAX_SIDE * 2))  # a JPEG decodes straight to a fraction of its size
    source.load()
    orientation, profile = _orientation(source), source.info.get("icc_profile")
    image = _roughly_shrunk(source)
    image.thumbnail((MAX_SIDE, MAX_SIDE), Image.Resampling.LANCZOS)
    if orientation in _UPRIGHT:
        image = image.transpose(_UPRIGHT[orientation])
    if image.mode == "RGBA":
        white = Image.new("RGB", image.size, "white")
        white.paste(image, mask=image.getchannel("A"))
        image = white
    return _in_srgb(image, profile)


def _roughly_shrunk(source: Any) -> Any:
    """Shrink to not much above twice MAX_SIDE, in a plain mode. In strips: a whole picture in RGBA may take 100 MB a
    copy."""
    width, height = source.size
    factor = max(width, height) // (2 * MAX_SIDE)
    if factor < 2:
        return _plain_mode(source)
    rows, strips = factor * STRIP_ROWS, []
    for top in range(0, height, rows):
        strip = source.crop((0, top, width, min(top + rows, height)))
        strips.append(_plain_mode(strip).reduce(factor))
    shrunk = Image.new(strips[0].mode, (strips[0].width, sum(strip.height for strip in strips)))
    for index, strip in enumerate(strips):
        shrunk.paste(strip, (0, index * STRIP_ROWS))
    return shrunk


def _plain_mode(source: Any) -> Any:
    """Convert to RGB, L or CMYK (to which a colour profile may apply), or to RGBA where pixels are transparent."""
    if source.has_transparency_data:
        return source if source.mode == "RGBA" else source.convert("RGBA")
    if source.mode.startswith("I"):  # 16 bits of grey: a plain conversion would clip, not scale
        return source.point(lambda value: value * (1 / 256)).convert("L")
    return source if source.mode in {"RGB", "L", "CMYK"} else source.convert("RGB")


def _orientation(source: Any) -> int:
    try:
        return int(source.getexif().get(_ORIENTATION, 1))
    except Exception:  # noqa: BLE001 - a broken EXIF block does not make a broken photo
        return 1


def _in_srgb(image: Any, profile: Any) -> Any:
    if isinstance(profile, bytes) and 0 < len(profile) <= MAX_PROFILE_BYTES:
        try:
            embedded = ImageCms.ImageCmsProfile(io.BytesIO(profile))
            converted = ImageCms.profileToProfile(image, embedded, ImageCms.createProfile("sRGB"), outputMode="RGB")
        except (ImageCms.PyCMSError, OSError, ValueError, TypeError):
            converted = None  # not a profile for such pixels: ignored
        if converted is not None:
            return converted
    return image.convert("RGB")


def _encode(image: Any) -> CleanImage:
    # Paste into a new picture: Pillow would otherwise write the comment that it read.
    fresh = Image.new("RGB", image.size)
    fresh.paste(image)
    out = io.BytesIO()
    fresh.save(out, "JPEG", quality=QUALITY, optimize=True)
    return CleanImage(out.getvalue(), *fresh.size)
