"""The rules of the product: pure functions and frozen dataclasses without input, output or a clock; they import nothing
from the layers above."""
