"""From a trained network to figures one can trust: embeddings, cosine kNN, metrics, intervals."""
