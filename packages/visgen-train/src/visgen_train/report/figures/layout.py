"""Where points stand in a picture of two dimensions that are none of their own."""

import networkx
import numpy as np
from scipy.spatial import Delaunay, QhullError
from sklearn.manifold import TSNE
from sklearn.preprocessing import normalize

MOST_POINTS = 1500
_STEPS, _TOUCHING = 1500, 0.01
_NEAREST = 1e-3  # of the mean distance: nearer points could not be told apart


def tsne(vectors: np.ndarray, seed: int) -> np.ndarray:
    """(n, 2) places by t-SNE on Euclidean distances; only neighbourhoods mean something in it.

    Of fewer than five vectors the first two columns.
    """
    if len(vectors) < 5:
        return np.asarray(vectors[:, :2], float)
    perplexity = min(30.0, (len(vectors) - 1) / 3)
    places: np.ndarray = TSNE(perplexity=perplexity, init="pca", random_state=seed).fit_transform(vectors)
    return places


def some(number: int, seed: int, most: int = MOST_POINTS) -> np.ndarray:
    """Positions of as many of `number` things as can be drawn, chosen at random, in ascending order."""
    return np.sort(np.random.default_rng(seed).permutation(number)[:most])


def cosine_distances(vectors: np.ndarray) -> np.ndarray:
    """(n, n) distances 1 - cosine, from 0 to 2."""
    unit = normalize(vectors.astype(np.float64))
    far: np.ndarray = np.clip(1 - unit @ unit.T, 0, 2)
    return far


def kamada_kawai(distances: np.ndarray) -> np.ndarray:
    """(n, 2) places whose distances come near to the given ones (Kamada and Kawai 1989, by networkx).

    It starts from the two first axes of classical scaling, so nothing is drawn at random.
    """
    number = len(distances)
    floor = _NEAREST * distances.mean() or 1.0
    wanted = np.maximum(distances, floor)
    centring = np.eye(number) - 1 / number
    values, axes = np.linalg.eigh(-centring @ wanted**2 @ centring / 2)
    start = axes[:, -2:] * np.sqrt(np.maximum(values[-2:], floor**2))
    graph = networkx.complete_graph(number)
    far = {row: dict(enumerate(line)) for row, line in enumerate(wanted.tolist())}
    placed = networkx.kamada_kawai_layout(graph, dist=far, pos=dict(enumerate(start)))
    return np.array([placed[row] for row in range(number)])


def triangulation(places: np.ndarray) -> list[tuple[int, int]]:
    """Edges (i < j) of the Delaunay triangulation; none where all points lie on a line."""
    try:
        triangles = Delaunay(places).simplices.tolist()
    except (QhullError, ValueError):
        return []
    return sorted({(min(pair), max(pair)) for a, b, c in triangles for pair in ((a, b), (b, c), (a, c))})


def spread(middles: np.ndarray, size: np.ndarray, frame: np.ndarray) -> np.ndarray:
    """(n, 2) middles of boxes, moved apart until none covers another, as far as there is room in the frame.

    Parameters
    ----------
    middles : numpy.ndarray
        (n, 2) where they should be.
    size : numpy.ndarray
        (2,) of every box.
    frame : numpy.ndarray
        (2, 2) lowest and highest middle.
    """
    turn = 2.4 * np.arange(len(middles))  # so that boxes at one place part in all directions
    jitter = 1e-3 * np.column_stack([np.cos(turn), np.sin(turn)])
    placed = np.clip(middles / size + jitter, *(frame / size))
    for _ in range(_STEPS):
        apart = placed[:, None] - placed[None]
        room = np.maximum(1 - np.abs(apart).max(2), 0)
        np.fill_diagonal(room, 0)
        if room.max(initial=0) < _TOUCHING:
            break
        far = np.maximum(np.linalg.norm(apart, axis=2), 1e-9)
        placed = np.clip(placed + 0.4 * ((room / far)[..., None] * apart).sum(1), *(frame / size))
    moved: np.ndarray = placed * size
    return moved
