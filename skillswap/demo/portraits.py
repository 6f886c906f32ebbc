"""Portraits of made-up people: drawn shapes, so that a demonstration has photos and shows nobody's face."""

from __future__ import annotations

import colorsys
import io
import random

from PIL import Image, ImageDraw

SIZE = 512
SHIRT_TOP = 0.72


def draw_portrait(seed: int) -> bytes:
    """Return a JPEG, 512 pixels square, the same for the same seed. Blocks for some milliseconds."""
    rng = random.Random(seed)
    hue = rng.random()
    image = Image.new("RGB", (SIZE, SIZE), _colour(hue, 0.25, 0.97))
    draw = ImageDraw.Draw(image)
    for _ in range(5):
        x, y, r = rng.randint(0, SIZE), rng.randint(0, SIZE), rng.randint(40, 150)
        draw.ellipse((x - r, y - r, x + r, y + r), fill=_colour(hue + rng.uniform(-0.06, 0.06), 0.32, 0.95))
    skin = _colour(0.07, rng.uniform(0.3, 0.55), rng.uniform(0.45, 0.95))
    hair = _colour(rng.choice((0.05, 0.08, 0.1, 0.62)), rng.uniform(0.2, 0.7), rng.uniform(0.12, 0.6))
    shirt = _colour(hue + 0.45, 0.55, 0.75)
    middle = SIZE // 2
    draw.rounded_rectangle((80, int(SIZE * SHIRT_TOP), SIZE - 80, SIZE + 120), 110, fill=shirt)
    draw.rounded_rectangle((middle - 42, 300, middle + 42, 410), 36, fill=skin)
    if rng.random() < 0.5:
        draw.rounded_rectangle((middle - 132, 110, middle + 132, 400), 120, fill=hair)
    draw.ellipse((middle - 105, 120, middle + 105, 350), fill=skin)
    draw.pieslice((middle - 118, 92, middle + 118, 330), 180, 360, fill=hair)
    for side in (-1, 1):
        draw.ellipse((middle + side * 42 - 10, 232, middle + side * 42 + 10, 252), fill=(40, 36, 34))
    draw.arc((middle - 46, 250, middle + 46, 310), 20, 160, fill=(120, 50, 50), width=7)
    out = io.BytesIO()
    image.save(out, "JPEG", quality=88)
    return out.getvalue()


def _colour(hue: float, saturation: float, value: float) -> tuple[int, int, int]:
    red, green, blue = colorsys.hsv_to_rgb(hue % 1, saturation, value)
    return round(red * 255), round(green * 255), round(blue * 255)
