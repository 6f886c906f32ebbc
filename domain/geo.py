"""Approximate locations: coordinates to a tenth of a degree, distances in steps of ten kilometres."""

from __future__ import annotations

import math
from dataclasses import dataclass

DECIMALS = 1
"""Decimals that are kept: a tenth of a degree is about eleven kilometres, a town and not a house."""
DISTANCE_STEP_KM = 10
EARTH_RADIUS_KM = 6371.0


@dataclass(frozen=True, slots=True)
class Coordinates:
    """Degrees, north and east positive, never finer than `DECIMALS`."""

    latitude: float
    longitude: float


def coarse(latitude: float, longitude: float) -> Coordinates:
    """Return coordinates rounded to the precision in which they are kept."""
    # adding 0 turns -0.0 into 0.0
    return Coordinates(round(latitude, DECIMALS) + 0.0, round(longitude, DECIMALS) + 0.0)


def distance_km(one: Coordinates | None, other: Coordinates | None) -> int | None:
    """Return the distance in kilometres in steps of `DISTANCE_STEP_KM`, 0 for neighbours; None without both
    coordinates."""
    if one is None or other is None:
        return None
    north, south = math.radians(one.latitude), math.radians(other.latitude)
    across, along = (south - north) / 2, math.radians(other.longitude - one.longitude) / 2
    arc = math.sin(across) ** 2 + math.cos(north) * math.cos(south) * math.sin(along) ** 2
    kilometres = 2 * EARTH_RADIUS_KM * math.asin(min(1.0, math.sqrt(arc)))
    return round(kilometres / DISTANCE_STEP_KM) * DISTANCE_STEP_KM
