"""Only pixels get through, and decompression bombs are not decoded."""

from __future__ import annotations

import io
import struct
import subprocess
import sys
import time
import tracemalloc
import zlib
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest
from PIL import Image, ImageCms, ImageColor
from PIL.PngImagePlugin import PngInfo
from PIL.TiffImagePlugin import IFDRational

from domain.errors import Invalid
from domain.photos import MAX_PHOTO_BYTES
from storage.media.images import MAX_PIXELS, MAX_SIDE, clean_image

ROOT = Path(__file__).parents[3]
CANARIES = (
    b"CanaryCamera",
    b"CanaryXmp",
    b"CanaryIptc",
    b"CanaryComment",
    b"CanaryAuthor",
    b"CanaryTail",
    b"CanaryIcc",
)
MARKERS = (b"Exif", b"http://ns.adobe.com/xap", b"Photoshop 3.0", b"ICC_PROFILE", b"<x:xmpmeta", b"8BIM", b"<script")


# Pillow warns about broken EXIF and large headers; both are the subject of these tests.
pytestmark = [
    pytest.mark.filterwarnings("ignore::UserWarning:PIL"),
    pytest.mark.filterwarnings("ignore::PIL.Image.DecompressionBombWarning"),
]


def saved(image: Any, kind: str, **options: Any) -> bytes:
    out = io.BytesIO()
    image.save(out, kind, **options)
    return out.getvalue()


def opened(data: bytes) -> Any:
    return Image.open(io.BytesIO(data))


def chunk(name: bytes, body: bytes) -> bytes:
    return struct.pack(">I", len(body)) + name + body + struct.pack(">I", zlib.crc32(name + body))


def bomb(width: int, height: int) -> bytes:
    """A one-bit PNG of zeros: a few kilobytes that would fill gigabytes."""
    packer = zlib.compressobj(9)
    row = bytes(1 + (width + 7) // 8)
    packed = b"".join(packer.compress(row) for _ in range(height)) + packer.flush()
    header = struct.pack(">IIBBBBB", width, height, 1, 0, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", packed) + chunk(b"IEND", b"")


def exif(**more: Any) -> Image.Exif:
    tags = Image.Exif()
    tags[0x010F] = "CanaryCamera"
    tags[0x013B] = "CanaryAuthor"
    place = tags.get_ifd(0x8825)
    place[1], place[2] = "N", (IFDRational(54), IFDRational(19), IFDRational(4711, 100))
    for tag, value in more.items():
        tags[int(tag[1:], 16)] = value
    return tags


def loaded_jpeg() -> bytes:
    """A photo with all metadata: location, camera, XMP, IPTC, comment, profile, a script after the image."""
    image = Image.effect_noise((640, 480), 80).convert("RGB")
    profile = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes() + b"CanaryIcc"
    data = saved(
        image, "JPEG", exif=exif(), comment=b"CanaryComment", icc_profile=profile,
        xmp=b'<x:xmpmeta xmlns:x="adobe:ns:meta/">CanaryXmp</x:xmpmeta>',
    )  # fmt: skip
    iptc = b"Photoshop 3.0\x008BIM\x04\x04\0\0\0\0\0\x0fCanaryIptc"
    segment = b"\xff\xed" + struct.pack(">H", len(iptc) + 2) + iptc
    return data[:2] + segment + data[2:] + b"<script>CanaryTail</script>"


def refusal(data: bytes) -> Invalid:
    with pytest.raises(Invalid) as caught:
        clean_image(data)
    assert caught.value.__cause__ is None
    return caught.value


def test_no_metadata_survives() -> None:
    dirty = loaded_jpeg()
    assert all(canary in dirty for canary in CANARIES)  # the test would prove nothing otherwise
    clean = clean_image(dirty).data
    assert not [word for word in (*CANARIES, *MARKERS) if word in clean]
    image = opened(clean)
    image.load()
    assert (image.format, set(image.info), dict(image.getexif())) == (
        "JPEG", {"jfif", "jfif_version", "jfif_unit", "jfif_density"}, {},
    )  # fmt: skip


@pytest.mark.parametrize("kind", ["PNG", "WEBP"])
def test_no_metadata_survives_from_other_formats(kind: str) -> None:
    options: dict[str, Any] = {"exif": exif()}
    if kind == "PNG":
        notes = PngInfo()
        notes.add_text("Comment", "CanaryComment")
        notes.add_itxt("XML:com.adobe.xmp", "<x:xmpmeta>CanaryXmp</x:xmpmeta>")
        options["pnginfo"] = notes
    else:
        options["xmp"] = b"<x:xmpmeta>CanaryXmp</x:xmpmeta>"
    dirty = saved(Image.new("RGB", (64, 64), "navy"), kind, **options)
    assert b"CanaryCamera" in dirty
    clean = clean_image(dirty).data
    assert not [word for word in (*CANARIES, *MARKERS) if word in clean]


@pytest.mark.parametrize("orientation", range(1, 9))
def test_photo_is_rotated_upright(orientation: int) -> None:
    """The corner that is red to a viewer who heeds EXIF is red afterwards without it."""
    # the position of the file's row 0, column 0 after rotation, and whether the sides are swapped
    match_decisions = {1: (0, 0), 2: (1, 0), 3: (1, 1), 4: (0, 1), 5: (0, 0), 6: (1, 0), 7: (1, 1), 8: (0, 1)}[
        orientation
    ]
    image = Image.new("RGB", (160, 80), "white")
    image.paste("red", (0, 0, 40, 40))
    result = clean_image(saved(image, "JPEG", exif=exif(x0112=orientation), quality=95))
    size = (80, 160) if orientation > 4 else (160, 80)
    assert (result.width, result.height) == opened(result.data).size == size
    red, green, _ = opened(result.data).getpixel(
        (8 + match_decisions[0] * (size[0] - 16), 8 + match_decisions[1] * (size[1] - 16))
    )
    assert red > 200
    assert green < 60


def test_transparent_pixels_become_white() -> None:
    half = Image.new("RGBA", (40, 40), (255, 0, 0, 0))
    half.paste((0, 0, 255, 255), (0, 0, 20, 40))
    for kind in ("PNG", "WEBP"):
        image = opened(clean_image(saved(half, kind)).data)
        assert min(image.getpixel((35, 20))) > 250
        assert image.getpixel((5, 20))[2] > 250
    palette = half.convert("RGB").quantize(4)
    key = palette.getpixel((35, 20))
    image = opened(clean_image(saved(palette, "PNG", transparency=key)).data)
    assert min(image.getpixel((35, 20))) > 250


@pytest.mark.parametrize("mode", ["L", "LA", "RGB", "RGBA", "CMYK", "I;16"])
def test_brightness_is_kept_in_every_mode(mode: str) -> None:
    grey = Image.linear_gradient("L")
    image = grey.convert("I").point(lambda v: v * 257).convert("I;16") if mode == "I;16" else grey.convert(mode)
    cleaned = opened(clean_image(saved(image, "JPEG" if mode == "CMYK" else "PNG")).data)
    for row in (20, 128, 240):
        assert all(abs(value - row) <= 4 for value in cleaned.getpixel((128, row)))


def test_colours_of_a_colour_profile_are_kept() -> None:
    green_pixels = Image.new("RGB", (32, 32), (0, 255, 0))
    srgb = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
    # the usual profile with its red and green primaries exchanged: a pure green then means red
    exchanged = srgb.replace(b"rXYZ", b"#XYZ").replace(b"gXYZ", b"rXYZ").replace(b"#XYZ", b"gXYZ")
    red, green, _ = opened(clean_image(saved(green_pixels, "PNG", icc_profile=exchanged)).data).getpixel((16, 16))
    assert red > 240
    assert green < 15


def _quarters(mode: str, size: tuple[int, int]) -> Any:
    image = Image.new("RGBA", size, (255, 255, 255, 0))
    image.paste((255, 0, 0, 255), (0, 0, size[0] // 2, size[1] // 2))
    image.paste((0, 0, 255, 255), (size[0] // 2, size[1] // 2, *size))
    return image.quantize(8) if mode == "P" else image.convert(mode)


@pytest.mark.parametrize("mode", ["RGBA", "RGB", "P"])
@pytest.mark.parametrize("size", [(5300, 4099), (700, 9999), (2561, 2560)])
def test_large_picture_is_scaled_down(mode: str, size: tuple[int, int]) -> None:
    image = opened(clean_image(saved(_quarters(mode, size), "PNG", compress_level=1)).data)
    assert abs(image.width / image.height - size[0] / size[1]) < 0.02
    for x, y, colour in ((0, 0, "red"), (1, 1, "blue"), (1, 0, "white"), (0, 1, "white")):
        for part in (0.05, 0.45):  # near the edge and near the middle
            point = int(image.width * (x - (2 * x - 1) * part)), int(image.height * (y - (2 * y - 1) * part))
            wanted = ImageColor.getrgb(colour)
            assert all(abs(a - b) < 12 for a, b in zip(image.getpixel(point), wanted, strict=True)), (point, colour)


@pytest.mark.parametrize("profile", [b"", b"rubbish" * 50, b"\0" * 200])
def test_broken_profile_or_exif_is_ignored(profile: bytes) -> None:
    data = saved(Image.new("RGB", (32, 32), "lime"), "JPEG", icc_profile=profile, exif=b"Exif\0\0MM\0*\xff\xff\xff\xff")
    assert opened(clean_image(data).data).getpixel((16, 16))[1] > 240


def test_a_phones_jpeg_with_a_second_picture_is_one_photo() -> None:
    first, second = Image.new("RGB", (64, 48), "orange"), Image.new("RGB", (16, 12))
    data = saved(first, "MPO", save_all=True, append_images=[second])
    assert opened(data).n_frames == 2
    assert (clean_image(data).width, clean_image(data).height) == (64, 48)


@pytest.mark.parametrize("size", [(6000, 4000), (1281, 1281), (1280, 64), (16, 16)])
def test_sizes_within_the_limits_come_out_at_most_1280(size: tuple[int, int]) -> None:
    result = clean_image(saved(Image.new("RGB", size, "gold"), "JPEG"))
    factor = min(1.0, MAX_SIDE / max(size))
    assert (result.width, result.height) == (round(size[0] * factor), round(size[1] * factor))


@pytest.mark.parametrize(("width", "height"), [(12_000, 12_000), (20_000, 20_000), (6_000, 5_001)])
def test_decompression_bomb_is_refused_by_its_header(width: int, height: int) -> None:
    data = bomb(width, height)
    assert len(data) < 60_000
    tracemalloc.start()
    started = time.perf_counter()
    assert refusal(data).code == "photo.too_many_pixels"
    assert time.perf_counter() - started < 0.3
    assert tracemalloc.get_traced_memory()[1] < 2_000_000
    tracemalloc.stop()


@pytest.mark.parametrize(
    ("size", "is_progressive"),
    [
        ((5712, 4284), False),
        ((6048, 4024), True),
        ((8160, 6120), False),
        ((8160, 6120), True),
        ((12_000, 8_300), False),
    ],
)
def test_photos_of_phones_and_cameras_are_taken(size: tuple[int, int], is_progressive: bool) -> None:
    data = saved(Image.new("L", size, 90), "JPEG", progressive=is_progressive)
    result = clean_image(data)
    assert max(result.width, result.height) == MAX_SIDE


@pytest.mark.parametrize(("size", "is_progressive", "limit"), [((9000, 6000), True, 50), ((12_000, 9000), False, 100)])
def test_a_jpeg_with_too_many_pixels_is_refused_with_its_limit(
    size: tuple[int, int], is_progressive: bool, limit: int
) -> None:
    problem = refusal(saved(Image.new("L", size, 90), "JPEG", progressive=is_progressive))
    assert (problem.code, problem.params) == ("photo.too_many_pixels", {"limit_mp": limit})


def test_heic_is_refused_with_what_works_instead() -> None:
    assert refusal(b"\0\0\0\x18ftypheic\0\0\0\0mif1heic").code == "photo.heic"


def test_a_large_jpeg_takes_little_memory() -> None:
    """Seen from outside, where the decoder's own memory counts as well."""
    script = """
import resource
from storage.media.images import clean_image
from tests.storage.media.test_images import saved, Image
def peak(): return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024
row = Image.radial_gradient("L").resize((8160, 64))
clean_image(saved(row.resize((640, 480)), "JPEG"))
with open("/dev/stdin", "rb") as file: data = file.read()
before = peak()
clean_image(data)
print(peak() - before)
"""
    photo = saved(Image.radial_gradient("L").resize((8160, 6120)).convert("RGB"), "JPEG")
    done = subprocess.run([sys.executable, "-W", "ignore", "-c", script], cwd=ROOT, capture_output=True, input=photo)
    assert done.returncode == 0, done.stderr
    assert int(done.stdout) < 120  # MB; 150 for the pixels alone if it were decoded whole


def test_bombs_in_parallel_take_no_memory() -> None:
    """Seen from outside, where the decoders' own memory counts as well."""
    script = """
import resource, sys
from concurrent.futures import ThreadPoolExecutor
from domain.errors import Invalid
from domain.photos import MAX_PHOTO_BYTES
from storage.media.images import clean_image
from tests.storage.media.test_images import bomb, saved, Image
def peak(): return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024
def attempt(data):
    try: clean_image(data)
    except Invalid as refused: return refused.code
clean_image(saved(Image.new("RGB", (64, 64)), "PNG"))
data, before = bomb(12_000, 12_000), peak()
with ThreadPoolExecutor(8) as threads: codes = set(threads.map(attempt, [data] * 8))
print(codes, peak() - before)
"""
    done = subprocess.run([sys.executable, "-W", "ignore", "-c", script], cwd=ROOT, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    codes, _, growth = done.stdout.rpartition(" ")
    assert codes == "{'photo.too_many_pixels'}"
    assert int(growth) < 60  # MB


def test_a_large_webp_header_is_enough_to_refuse() -> None:
    side = struct.pack("<I", 16_382)[:3]
    body = b"WEBPVP8X" + struct.pack("<I", 10) + bytes(4) + side + side + bytes(64)
    assert refusal(b"RIFF" + struct.pack("<I", len(body)) + body).code == "photo.too_many_pixels"


@pytest.mark.parametrize("kind", ["PNG", "WEBP"])
def test_animated_pictures_are_refused(kind: str) -> None:
    frames = [Image.new("RGB", (32, 32), (shade, 0, 0)) for shade in range(0, 250, 25)]
    data = saved(frames[0], kind, save_all=True, append_images=frames[1:])
    assert refusal(data).code == "photo.animated"


@pytest.mark.parametrize(
    "size", [(15, 400), (1, 1), (40_000, 17), (2100, 100)], ids=["thin", "dot", "thread", "longer than Telegram takes"]
)
def test_too_small_pictures_are_refused(size: tuple[int, int]) -> None:
    assert refusal(saved(Image.new("RGB", size), "PNG")).code == "photo.too_small"


def test_too_many_bytes_are_refused_unread() -> None:
    problem = refusal(loaded_jpeg().ljust(MAX_PHOTO_BYTES + 1, b"\0"))
    assert (problem.code, problem.params) == ("photo.too_large", {"limit_mb": 10})
    assert clean_image(loaded_jpeg().ljust(MAX_PHOTO_BYTES, b"\0"))


def _other_formats() -> dict[str, bytes]:
    small = Image.new("RGB", (32, 32), "red")
    files = {kind: saved(small, kind) for kind in ("GIF", "TIFF", "BMP", "ICO", "PPM", "TGA", "PCX", "JPEG2000", "PDF")}
    noise = Image.effect_noise((200, 200), 60)
    png, jpeg = saved(noise, "PNG"), saved(noise, "JPEG")
    return files | {
        "nothing": b"",
        "zeros": bytes(1000),
        "svg": b'<svg xmlns="http://www.w3.org/2000/svg" width="99" height="99"><script>alert(1)</script></svg>',
        "html": b"<html><img src=x onerror=alert(1)></html>",
        "gif with script": b"GIF89a/*" + bytes(20) + b"*/=1;alert(1)",
        "avif head": b"\0\0\0\x18ftypavif\0\0\0\0mif1avif",
        "eps": b"%!PS-Adobe-3.0 EPSF-3.0\n%%BoundingBox: 0 0 99 99\n",
        "jpeg cut short": jpeg[: len(jpeg) // 2],
        "jpeg head": jpeg[:20],
        "png cut short": png[: len(png) // 2],
        "png with rubbish inside": png[:50] + b"\xff" * (len(png) - 50),
        "png without pixels": png[:33],
        "webp head": b"RIFF\x10\0\0\0WEBPVP8 ",
    }


@pytest.mark.parametrize(("name", "data"), _other_formats().items(), ids=_other_formats().keys())
def test_non_image_is_refused(name: str, data: bytes) -> None:
    assert refusal(data).code == "photo.not_an_image"


def test_broken_bytes_never_raise_anything_else() -> None:
    """Every eleventh byte of small files, turned over: an image or a refusal, never a decoder's own error."""
    small = Image.effect_noise((20, 20), 60).convert("RGB")
    for kind in ("JPEG", "PNG", "WEBP"):
        data = saved(small, kind, exif=exif())
        for place in range(0, len(data), 11):
            broken = bytearray(data)
            broken[place] ^= 0xFF
            try:
                result = clean_image(bytes(broken))
            except Invalid:
                continue
            assert result.width * result.height <= MAX_PIXELS


def test_concurrent_threads_are_independent() -> None:
    shades = range(0, 250, 10)
    files = [saved(Image.new("RGB", (300, 200), (shade, shade, shade)), "PNG") for shade in shades]
    with ThreadPoolExecutor(4) as threads:
        cleaned = list(threads.map(clean_image, files))
    for shade, result in zip(shades, cleaned, strict=True):
        assert all(abs(value - shade) <= 2 for value in opened(result.data).getpixel((150, 100)))
