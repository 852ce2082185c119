from datetime import timedelta

from posxero.domain.backoff import MAX_TRIES, is_exhausted, retry_delay


def test_the_wait_triples_up_to_an_hour() -> None:
    waits = [retry_delay(tries, 0).total_seconds() for tries in range(1, MAX_TRIES + 2)]
    assert waits == [5, 15, 45, 135, 405, 1215, 3600, 3600, 3600]


def test_chance_moves_the_wait_by_a_fifth() -> None:
    assert retry_delay(1, -1) == timedelta(seconds=4)
    assert retry_delay(1, 1) == timedelta(seconds=6)


def test_the_eighth_try_is_the_last() -> None:
    assert [is_exhausted(tries) for tries in (1, 7, 8)] == [False, False, True]
