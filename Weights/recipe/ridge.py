"""Thinning a heat map by its tangent."""

import cv2
import numpy as np


def ridge(heat: np.ndarray, cosine: np.ndarray, sine: np.ndarray) -> np.ndarray:
    """Cells at least as hot as both neighbours across the tangent; `cosine` and `sine` are of twice its angle."""
    heat = np.ascontiguousarray(heat, np.float32)
    angle = 0.5 * np.arctan2(sine, cosine).astype(np.float32)
    y, x = np.mgrid[: heat.shape[0], : heat.shape[1]].astype(np.float32)
    nx, ny = -np.sin(angle), np.cos(angle)
    ahead = cv2.remap(heat, x + nx, y + ny, cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE)
    behind = cv2.remap(heat, x - nx, y - ny, cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE)
    return (heat >= ahead) & (heat >= behind)
