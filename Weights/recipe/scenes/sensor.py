"""From linear light to the 8-bit picture of an ordinary camera: exposure, vignette, blur, noise, compression."""

from dataclasses import dataclass

import cv2
import numpy as np


@dataclass
class Sensor:
    distortion: float = 0.0  # k of `Lens`
    blur: float = 0.5  # sigma, px
    motion: tuple = (0.0, 0.0)  # px
    noise: float = 0.01  # of full scale at mid grey
    vignette: float = 0.15  # darkening of the corners
    warmth: float = 0.0  # positive is warmer
    quality: int | None = None  # JPEG


def sample_sensor(rng) -> Sensor:
    return Sensor(
        distortion=rng.uniform(-0.02, 0.012) if rng.random() < 0.5 else 0.0,
        blur=rng.uniform(0.3, 1.1),
        motion=tuple(rng.normal(0, 1.2, 2)) if rng.random() < 0.15 else (0.0, 0.0),
        noise=rng.choice([0.004, 0.01, 0.02, 0.035], p=[0.3, 0.35, 0.25, 0.1]),
        vignette=rng.uniform(0, 0.3),
        warmth=rng.normal(0, 0.06),
        quality=int(rng.integers(55, 96)) if rng.random() < 0.7 else None,
    )


def expose(linear: np.ndarray, sensor: Sensor, rng) -> np.ndarray:
    """RGB uint8 from linear light. Distortion is not applied here: it moves lines too (see `scenes.render`)."""
    height, width = linear.shape[:2]
    level = np.percentile(linear.mean(axis=2), 75)
    image = linear * (0.5 * rng.uniform(0.85, 1.2) / max(level, 1e-3))
    x, y = np.meshgrid(np.linspace(-1, 1, width), np.linspace(-1, 1, height))
    image = image * (1 - sensor.vignette * 0.5 * (x * x + y * y))[..., None]
    image = image * np.float32([1 + sensor.warmth, 1, 1 - sensor.warmth])
    image = image.astype(np.float32)
    if sensor.blur > 0:
        image = cv2.GaussianBlur(image, (0, 0), sensor.blur)
    if any(sensor.motion):
        image = cv2.filter2D(image, -1, _streak(sensor.motion), borderType=cv2.BORDER_REPLICATE)
    # Shot noise grows with the root of the light, read noise does not.
    sigma = sensor.noise * np.sqrt(0.3 + np.clip(image, 0, 1))
    image = image + sigma * rng.standard_normal(image.shape).astype(np.float32)
    # A soft shoulder keeps windows and lamps from a hard clip, then sRGB's gamma.
    image = np.where(image > 0.7, 0.7 + 0.3 * np.tanh((image - 0.7) / 0.3), image)
    image = np.clip(image, 0, 1) ** (1 / 2.2)
    result = np.round(image * 255).astype(np.uint8)
    if sensor.quality is not None:
        _, coded = cv2.imencode(".jpg", result[..., ::-1], [cv2.IMWRITE_JPEG_QUALITY, sensor.quality])
        result = np.ascontiguousarray(cv2.imdecode(coded, cv2.IMREAD_COLOR)[..., ::-1])
    return result


def _streak(motion):
    """A line of weight 1 centred on the pixel: motion during the exposure moves no line on average."""
    half = int(np.ceil(max(abs(motion[0]), abs(motion[1])))) + 1
    kernel = np.zeros((2 * half + 1, 2 * half + 1), np.float32)
    for t in np.linspace(-0.5, 0.5, 33):
        x, y = half + t * motion[0], half + t * motion[1]
        i, j = int(np.floor(x)), int(np.floor(y))
        for dx in (0, 1):
            for dy in (0, 1):
                kernel[j + dy, i + dx] += (1 - abs(x - i - dx)) * (1 - abs(y - j - dy))
    return kernel / kernel.sum()
