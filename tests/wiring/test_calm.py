"""Requests compute on one thread, and whoever uses the process has the threads back afterwards."""

from threading import Barrier, Thread

import numpy as np
from threadpoolctl import threadpool_info, threadpool_limits

from aisle.wiring.calm import Calm


def threads() -> set[int]:
    np.ones((2, 2)) @ np.ones((2, 2))
    return {pool["num_threads"] for pool in threadpool_info() if pool["user_api"] == "blas"}


def test_inside_there_is_one_thread_and_afterwards_what_there_was() -> None:
    with threadpool_limits(2):
        calm, before = Calm(), threads()
        for _ in range(2):
            with calm.one_thread():
                assert threads() == {1}
            assert threads() == before


def test_after_the_last_of_several_requests_everybody_has_their_threads_back() -> None:
    with threadpool_limits(2):
        calm, before, inside, first_gone = Calm(), threads(), Barrier(2), Barrier(2)
        seen: list[set[int]] = []

        def longer() -> None:
            with calm.one_thread():
                seen.append(threads())
                inside.wait()
                first_gone.wait()
            seen.append(threads())

        other = Thread(target=longer)
        with calm.one_thread():
            other.start()
            inside.wait()
            assert threads() == {1}
        first_gone.wait()
        other.join()
        assert seen == [{1}, before] and threads() == before
        with calm.one_thread():
            assert threads() == {1}
        assert threads() == before
