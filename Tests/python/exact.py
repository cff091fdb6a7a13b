"""Means in rational arithmetic, for the checks of centers."""

from fractions import Fraction

import numpy as np


def nearest(exact):
    """The float32 nearest to a fraction, the even one of two."""
    guess = np.float32(float(exact))
    around = [np.nextafter(guess, np.float32(-np.inf)), guess, np.nextafter(guess, np.float32(np.inf))]
    return min(around, key=lambda x: (abs(Fraction(float(x)) - exact), int(x.view(np.uint32)) & 1))


def mean(values, weights):
    total = sum((Fraction(float(w)) * Fraction(float(x)) for x, w in zip(values, weights)), Fraction(0))
    return nearest(total / sum((Fraction(float(w)) for w in weights), Fraction(0)))
