"""How far apart cities are, for one pair and for a column of people at once.

A column holds a small number for each city, the same in every process of a version; 0 is no city. The kilometres from
one city to all others are then a table, looked up by that number.
"""

from functools import cache

import numpy as np
from numpy.typing import NDArray

from yinling_common.cities import City, all_cities, distance_km, resolve

Kilometres = NDArray[np.float64]


def distance_between(one: str, other: str) -> float | None:
    """Kilometres from city to city as the crow flies; None where either is not a city that is known."""
    here, there = resolve(one), resolve(other)
    return distance_km(here, there) if here and there else None


def number_of(city: City | None) -> int:
    """The number of a city; 0 for none."""
    return _numbers()[city.code] if city else 0


def kilometres_from(city: City | None) -> Kilometres:
    """Kilometres from a city to every city by number; nan for number 0, and everywhere where the city is not known."""
    return _table(city.code if city else "")


@cache
def _numbers() -> dict[str, int]:
    return {city.code: number for number, city in enumerate(all_cities(), 1)}


@cache  # at most one entry a city: 380 tables of 3 KB
def _table(code: str) -> Kilometres:
    cities = all_cities()
    table = np.full(len(cities) + 1, np.nan)
    if code:
        here = cities[_numbers()[code] - 1]
        # From the same side as `distance_between`, so that both give the same to the last digit.
        table[1:] = [distance_km(here, city) for city in cities]
    table.flags.writeable = False
    return table
