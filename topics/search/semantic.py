"""What is meant, beside what is written: the optional semantic layer of search.

A question and what answers it may share no word. A small model of language (`embedding`) turns both
into vectors, and near vectors mean something alike. What that says is added to what the words say;
where the words of a query are (nearly) all found, it counts little, so that who looks for something
by its own words finds it as before. Without the layer every function returns what it was given.
"""

from collections.abc import Collection
from typing import TYPE_CHECKING

from django.db import connection
from django.db.models import Q, QuerySet

from topics.models import Statement
from topics.models.search import Indexed
from topics.search import embedding, ranking, vectors, weights

if TYPE_CHECKING:
    import numpy

    from topics.search.finding import Asked, Ranked

is_on = vectors.are_kept


def fuse_topics(asked: "Asked", ranked: "Ranked", among: tuple[str, tuple] | None) -> "Ranked":
    """Rank topics by words and meaning, with those that mean most though they have no word."""
    matrix = vectors.of_topics() if is_on() else None
    if matrix is None or not asked.typed.strip():
        return ranked
    likenesses = matrix.rows @ _vector(asked)
    scores = dict.fromkeys(_nearest(matrix, likenesses, among), 0.0) | dict(ranked)
    near = matrix.of(list(scores), likenesses)
    # In the units of the words; without a word, any.
    share = weights.MEANING * (ranked[0][1] if ranked else 1.0)
    if ranked and _is_found_by_words(asked, ranked):
        share *= weights.MEANING_COVERED
    fused = {n: score + share * near.get(n, 0.0) for n, score in scores.items()}
    return sorted(fused.items(), key=lambda item: (-item[1], item[0]))


def fuse_statements(
    asked: "Asked",
    found: list[tuple[int, int, float]],
    topics: list[int],
    among: QuerySet | None = None,
) -> list[tuple[int, int, float, float]]:
    """Add to number, topic and score of statements what their meaning counts.

    Beside those that were found, the nearest of the best topics are looked at.
    """
    if not is_on() or not asked.typed.strip():
        return [(*each, 0.0) for each in found]
    scores = {number: score for number, _, score in found}
    near = Q(listing__in=topics[: weights.TOPICS_MEANT])
    if among is not None:
        near &= Q(pk__in=among)
    rows = Statement.objects.filter(Q(pk__in=scores) | near)
    rows = list(rows.values_list("pk", "listing", "text"))
    likenesses = _likenesses(asked, {number: vectors.plain(text) for number, _, text in rows})
    wanted = set(scores) | set(_best(likenesses, weights.STATEMENTS_MEANT))
    unit = weights.MEANING_OF_STATEMENT * _left_open(asked, max(scores.values(), default=0.0))
    return [
        (number, topic, scores.get(number, 0.0), unit * max(likenesses.get(number, 0.0), 0.0))
        for number, topic, _ in rows
        if number in wanted
    ]


def _vector(asked: "Asked") -> "numpy.ndarray":
    """Return the vector of a query, its slips put right."""
    words = " ".join(asked.corrections.get(word, word) for word in asked.typed.split())
    return embedding.embed_query(words)


def _nearest(matrix: vectors.Matrix, likenesses: "numpy.ndarray", among) -> Collection[int]:
    """Return the numbers of the topics that mean most, as far as they may be found."""
    most = min(weights.MEANT, len(likenesses))
    best = likenesses.argpartition(-most)[-most:]
    near = matrix.numbers[best[likenesses[best] >= weights.LEAST_LIKENESS]].tolist()
    condition, values = among or ("", ())
    sql = LISTED.format(among=f"AND topic_id IN ({condition})" if condition else "")
    with connection.cursor() as cursor:
        cursor.execute(sql, [near, *values])
        return [number for (number,) in cursor.fetchall()]


def _is_found_by_words(asked: "Asked", ranked: "Ranked") -> bool:
    best = ranked[: weights.FEEDBACK_HITS]
    return ranking.coverage(asked.known, Indexed.TOPIC, best) > weights.COVERED


def _likenesses(asked: "Asked", texts: dict[int, str]) -> dict[int, float]:
    """Return how near to a query texts are, by their numbers."""
    known = vectors.of_texts(texts.values())
    query = _vector(asked)
    return {n: float(known[text] @ query) for n, text in texts.items() if text in known}


def _best(likenesses: dict[int, float], number: int) -> list[int]:
    enough = [one for one, likeness in likenesses.items() if likeness >= weights.LEAST_LIKENESS]
    return sorted(enough, key=lambda one: -likenesses[one])[:number]


def _left_open(asked: "Asked", best: float) -> float:
    """Return how much of all that is asked even the best statement does not say in words."""
    return max(sum(concept.rarity for concept in asked.named.concepts) - best, 0.0)


LISTED = "SELECT topic_id FROM topics_listing WHERE topic_id = ANY(%s) {among}"
