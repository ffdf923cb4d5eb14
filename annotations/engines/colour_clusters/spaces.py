"""The 22 colour spaces: 8-bit sRGB to three 8-bit channels, and back.

Every value passes through 16 bits on its way, as it does in ImageMagick: many results fall on
exact halves, and one level of difference in a few pixels can change the number of clusters.
So each formula is computed in double precision from 16-bit integers, in the order written here.
"""

from collections.abc import Callable
from enum import IntEnum

import numpy as np
import numpy.typing as npt

Bytes = npt.NDArray[np.uint8]
Doubles = npt.NDArray[np.float64]

_MOST = 65535.0
_SCALE = 1.0 / _MOST
# The middle of a signed channel, for the spaces that add it as a 16-bit number.
_MIDDLE = 32768.0
_AT_ONCE = 1 << 17

_LUMA_601 = (0.298839, 0.586811, 0.114350)
_LUMA_709 = (0.212656, 0.715158, 0.072186)


class ColourSpace(IntEnum):
    """The colour spaces by their numbers in the API, which are those of ImageMagick 6."""

    RGB = 1  # linear light
    GRAY = 2
    TRANSPARENT = 3
    OHTA = 4
    LAB = 5
    XYZ = 6
    YCBCR = 7
    YCC = 8
    YIQ = 9
    YPBPR = 10
    YUV = 11
    CMYK = 12  # without its K
    SRGB = 13
    HSB = 14
    HSL = 15
    HWB = 16
    REC601LUMA = 17
    REC601YCBCR = 18
    REC709LUMA = 19
    REC709YCBCR = 20
    LOG = 21
    CMY = 22


# What these spaces keep of a colour is not enough to go back to it.
ONE_WAY = frozenset({ColourSpace.CMYK, ColourSpace.REC601LUMA, ColourSpace.YCC})


def from_srgb(colours: Bytes, space: ColourSpace) -> Bytes:
    """Colours, shape (n, 3), in the given space; channels are 0..255."""
    forward = _FORWARD[space]
    out = np.empty_like(colours)
    for start in range(0, len(colours), _AT_ONCE):
        part = slice(start, start + _AT_ONCE)
        out[part] = _eight_bits(forward(colours[part].T.astype(np.float64) * 257.0)).T
    return out


def to_srgb(values: Bytes, space: ColourSpace) -> Bytes:
    """8-bit sRGB of values, shape (n, 3), of a space that is not one of `ONE_WAY`."""
    back = _BACK[space]
    return _eight_bits(back(values.T.astype(np.float64) / 255.0) * _MOST).T


def _eight_bits(values: Doubles) -> Bytes:
    """Rounds to 16 bits first, then to 8."""
    sixteen = np.floor(np.clip(values, 0.0, _MOST) + 0.5)
    return np.floor(sixteen / 257.0 + 0.5).astype(np.uint8)


# --- Building blocks: channels first, shape (3, n); v is 0..65535, s is 0..1 -------------------


def _linear(s: Doubles) -> Doubles:
    """Light of sRGB values. Source: IEC 61966-2-1."""
    return np.where(s <= 0.0404482362771076, s / 12.92, ((s + 0.055) / 1.055) ** 2.4)


def _encoded(light: Doubles) -> Doubles:
    x = np.clip(light, 0.0, 1.0)
    return np.where(x <= 0.0031306684425005883, x * 12.92, 1.055 * x ** (1 / 2.4) - 0.055)


def _weighted(v: Doubles, weights: tuple[float, float, float]) -> Doubles:
    a, b, c = weights
    total: Doubles = a * v[0] + b * v[1] + c * v[2]
    return total


def _grey(weights: tuple[float, float, float]) -> Callable[[Doubles], Doubles]:
    return lambda v: np.tile(_weighted(v, weights), (3, 1))


Rows = tuple[tuple[float, float, float], ...]


def _around_half(rows: Rows) -> Callable[[Doubles], Doubles]:
    """A luma and two signed channels around exactly one half."""

    def forward(v: Doubles) -> Doubles:
        luma, *signed = (_SCALE * _weighted(v, row) for row in rows)
        return np.stack([luma, *(channel + 0.5 for channel in signed)]) * _MOST

    return forward


def _around_middle(rows: Rows) -> Callable[[Doubles], Doubles]:
    """A luma and two signed channels around 32768 of 65535."""

    def forward(v: Doubles) -> Doubles:
        luma, *signed = (_weighted(v, row) for row in rows)
        return np.stack([luma, *(channel + _MIDDLE for channel in signed)])

    return forward


def _unmixed(rows: Rows, middle: float) -> Callable[[Doubles], Doubles]:
    """The inverse of the two above."""
    inverse = np.linalg.inv(np.array(rows))
    offsets = np.array([[0.0], [middle], [middle]])
    return lambda s: np.asarray(inverse @ (s - offsets))


_601 = (_LUMA_601, (-0.1687367, -0.331264, 0.5), (0.5, -0.418688, -0.081312))
_709 = (_LUMA_709, (-0.114572, -0.385428, 0.5), (0.5, -0.454153, -0.045847))
_YIQ = (_LUMA_601, (0.595716, -0.274453, -0.321263), (0.211456, -0.522591, 0.311135))
_YUV = (_LUMA_601, (-0.147, -0.289, 0.436), (0.615, -0.515, -0.1))
_OHTA = ((0.33333, 0.33334, 0.33333), (0.5, 0.0, -0.5), (-0.25, 0.5, -0.25))


def _ohta_back(s: Doubles) -> Doubles:
    one, two, three = s[0], s[1] - _MIDDLE / _MOST, s[2] - _MIDDLE / _MOST
    return np.stack(
        [one + two - 0.66668 * three, one + 1.33333 * three, one - two - 0.66668 * three]
    )


def _709_back(s: Doubles) -> Doubles:
    y, cb, cr = s[0], s[1] - _MIDDLE / _MOST, s[2] - _MIDDLE / _MOST
    return np.stack([y + 1.5748 * cr, y - 0.187324 * cb - 0.468124 * cr, y + 1.8556 * cb])


# --- Measured colour -----------------------------------------------------------------------------

_XYZ_OF_LIGHT = np.array(
    [
        [0.4124564, 0.3575761, 0.1804375],
        [0.2126729, 0.7151522, 0.0721750],
        [0.0193339, 0.1191920, 0.9503041],
    ]
)
_LIGHT_OF_XYZ = np.linalg.inv(_XYZ_OF_LIGHT)
_WHITE = np.array([[0.950456], [1.0], [1.088754]])
_EPSILON = 216.0 / 24389.0
_KAPPA = 24389.0 / 27.0


def _xyz(v: Doubles) -> Doubles:
    light = _linear(v / _MOST)
    return np.stack([_weighted(light, (row[0], row[1], row[2])) for row in _XYZ_OF_LIGHT])


def _xyz_back(s: Doubles) -> Doubles:
    return _encoded(_LIGHT_OF_XYZ @ s)


def _lab(v: Doubles) -> Doubles:
    """CIE L*a*b*, with L in 0..100 and a, b in -127.5..127.5 over the range of a channel."""
    t = _xyz(v) / _WHITE
    x, y, z = np.where(t > _EPSILON, np.cbrt(t), (_KAPPA * t + 16.0) / 116.0)
    lightness = (116.0 * y - 16.0) / 100.0
    return np.stack([lightness, 500.0 * (x - y) / 255.0 + 0.5, 200.0 * (y - z) / 255.0 + 0.5]) * (
        _MOST
    )


def _lab_back(s: Doubles) -> Doubles:
    lightness, a, b = 100.0 * s[0], 255.0 * (s[1] - 0.5), 255.0 * (s[2] - 0.5)
    y = (lightness + 16.0) / 116.0
    f = np.stack([y + a / 500.0, y, y - b / 200.0])
    t = np.where(f**3 > _EPSILON, f**3, (116.0 * f - 16.0) / _KAPPA)
    return _xyz_back(t * _WHITE)


# --- Hues ----------------------------------------------------------------------------------------


def _ratio(above: Doubles, below: Doubles) -> Doubles:
    """above / below, 0 where nothing is below."""
    return np.divide(above, below, out=np.zeros_like(above), where=below > 0)


def _hue(v: Doubles, top: Doubles, delta: Doubles) -> Doubles:
    """Hue as a share of the circle: red 0, green 1/3, blue 2/3; 0 for greys."""
    red, green, blue = v
    from_red = _ratio(green - blue, delta)
    from_green = 2.0 + _ratio(blue - red, delta)
    from_blue = 4.0 + _ratio(red - green, delta)
    hue = np.where(red == top, from_red, np.where(green == top, from_green, from_blue)) / 6.0
    return np.where(delta > 0, np.where(hue < 0, hue + 1.0, hue), 0.0)


def _hsb(v: Doubles) -> Doubles:
    top, delta = v.max(0), v.max(0) - v.min(0)
    return np.stack([_hue(v, top, delta), _ratio(delta, top), _SCALE * top]) * _MOST


def _hsb_back(s: Doubles) -> Doubles:
    hue, saturation, top = s
    return _of_hue(hue, top, top * (1.0 - saturation))


def _hsl(v: Doubles) -> Doubles:
    u = v * _SCALE
    top, low = u.max(0), u.min(0)
    delta, lightness = top - low, (top + low) / 2.0
    below = np.where(lightness <= 0.5, 2.0 * lightness, 2.0 - 2.0 * lightness)
    saturation = np.where(delta > 0, _ratio(delta, below), 0.0)
    red, green, blue = u
    from_red = _ratio(green - blue, delta)
    from_red = np.where(green < blue, from_red + 6.0, from_red)
    from_green = 2.0 + _ratio(blue - red, delta)
    from_blue = 4.0 + _ratio(red - green, delta)
    hue = np.where(top == red, from_red, np.where(top == green, from_green, from_blue))
    hue = np.where(delta > 0, hue * (60.0 / 360.0), 0.0)
    return np.stack([hue, saturation, lightness]) * _MOST


def _hsl_back(s: Doubles) -> Doubles:
    hue, saturation, lightness = s
    chroma = saturation * np.where(lightness <= 0.5, 2.0 * lightness, 2.0 - 2.0 * lightness)
    low = lightness - 0.5 * chroma
    return _of_hue(hue, low + chroma, low)


def _hwb(v: Doubles) -> Doubles:
    red, green, blue = v
    low, top = v.min(0), v.max(0)
    least_red, least_green = red == low, green == low
    f = np.where(least_red, green - blue, np.where(least_green, blue - red, red - green))
    p = np.where(least_red, 3.0, np.where(least_green, 5.0, 1.0))
    hue = np.where(top > low, (p - _ratio(f, top - low)) / 6.0, 0.0)
    return np.stack([hue, _SCALE * low, 1.0 - _SCALE * top]) * _MOST


def _hwb_back(s: Doubles) -> Doubles:
    hue, white, black = s
    return _of_hue(hue, 1.0 - black, white)


def _of_hue(hue: Doubles, top: Doubles, low: Doubles) -> Doubles:
    """RGB with this largest and smallest channel."""
    six = 6.0 * (hue - np.floor(hue))
    sector = np.floor(six).astype(np.int64)
    share = six - sector
    rising, falling = low + share * (top - low), top - share * (top - low)
    red = np.choose(sector, [top, falling, low, low, rising, top])
    green = np.choose(sector, [rising, top, top, falling, low, low])
    blue = np.choose(sector, [low, low, rising, top, top, falling])
    return np.stack([red, green, blue])


# --- Ink and film --------------------------------------------------------------------------------


def _cmy_of_cmyk(v: Doubles) -> Doubles:
    ink = 1.0 - v * _SCALE
    black = ink.min(0)
    colour = 1.0 - black
    shares: Doubles = (ink - black) * _ratio(np.ones_like(colour), colour)
    return shares * _MOST


_DENSITY = 0.002 / 0.6
_FILM_BLACK = 10.0 ** (-590.0 * 0.002 / 0.6)


def _log(v: Doubles) -> Doubles:
    """Density of film, with white at code 685 of 1024."""
    x = np.floor(_linear(v / _MOST) * _MOST + 0.5) / _MOST
    return (685.0 + np.log10(_FILM_BLACK + x * (1.0 - _FILM_BLACK)) / _DENSITY) / 1024.0 * _MOST


def _log_back(s: Doubles) -> Doubles:
    light = 10.0 ** ((1024.0 * s - 685.0) * _DENSITY)
    return _encoded((light - _FILM_BLACK) / (1.0 - _FILM_BLACK))


# One row a primary: what it adds to Y, C1 and C2, in the dark and above it.
_YCC_DARK = np.array(
    [
        [0.005382, -0.003296, 0.009410],
        [0.010566, -0.006471, -0.007880],
        [0.002052, 0.009768, -0.001530],
    ]
)
_YCC_LIGHT = np.array(
    [
        [0.298839, -0.298839, 0.70100],
        [0.586811, -0.586811, -0.586811],
        [0.114350, 0.88600, -0.114350],
    ]
)
_YCC_KNEE = 1179.0
_YCC_OFFSETS = np.array([[0.0], [156.0 * 257.0], [137.0 * 257.0]])


def _ycc(v: Doubles) -> Doubles:
    """Photo CD's channels, with the offset in 16-bit units as ImageMagick has it."""
    parts = [
        np.where(
            channel <= _YCC_KNEE,
            dark[:, None] * channel,
            light[:, None] * (1.099 * channel - 0.099),
        )
        for channel, dark, light in zip(v, _YCC_DARK, _YCC_LIGHT, strict=True)
    ]
    total: Doubles = parts[0] + parts[1] + parts[2] + _YCC_OFFSETS
    return total


def _same(values: Doubles) -> Doubles:
    return values


_FORWARD: dict[ColourSpace, Callable[[Doubles], Doubles]] = {
    ColourSpace.RGB: lambda v: _linear(v / _MOST) * _MOST,
    ColourSpace.GRAY: _grey(_LUMA_709),
    ColourSpace.TRANSPARENT: _same,
    ColourSpace.OHTA: _around_middle(_OHTA),
    ColourSpace.LAB: _lab,
    ColourSpace.XYZ: lambda v: _xyz(v) * _MOST,
    ColourSpace.YCBCR: _around_half(_601),
    ColourSpace.YCC: _ycc,
    ColourSpace.YIQ: _around_half(_YIQ),
    ColourSpace.YPBPR: _around_half(_601),
    ColourSpace.YUV: _around_half(_YUV),
    ColourSpace.CMYK: _cmy_of_cmyk,
    ColourSpace.SRGB: _same,
    ColourSpace.HSB: _hsb,
    ColourSpace.HSL: _hsl,
    ColourSpace.HWB: _hwb,
    ColourSpace.REC601LUMA: _grey(_LUMA_601),
    ColourSpace.REC601YCBCR: _around_middle(_601),
    ColourSpace.REC709LUMA: _grey(_LUMA_709),
    ColourSpace.REC709YCBCR: _around_middle(_709),
    ColourSpace.LOG: _log,
    ColourSpace.CMY: lambda v: _MOST - v,
}

_BACK: dict[ColourSpace, Callable[[Doubles], Doubles]] = {
    ColourSpace.RGB: _encoded,
    ColourSpace.GRAY: _same,
    ColourSpace.TRANSPARENT: _same,
    ColourSpace.OHTA: _ohta_back,
    ColourSpace.LAB: _lab_back,
    ColourSpace.XYZ: _xyz_back,
    ColourSpace.YCBCR: _unmixed(_601, 0.5),
    ColourSpace.YIQ: _unmixed(_YIQ, 0.5),
    ColourSpace.YPBPR: _unmixed(_601, 0.5),
    ColourSpace.YUV: _unmixed(_YUV, 0.5),
    ColourSpace.SRGB: _same,
    ColourSpace.HSB: _hsb_back,
    ColourSpace.HSL: _hsl_back,
    ColourSpace.HWB: _hwb_back,
    ColourSpace.REC601YCBCR: _unmixed(_601, _MIDDLE / _MOST),
    ColourSpace.REC709LUMA: _same,
    ColourSpace.REC709YCBCR: _709_back,
    ColourSpace.LOG: _log_back,
    ColourSpace.CMY: lambda s: 1.0 - s,
}
