"""`quiz`: for a shopper of whom nothing is known, what to ask next, and a slate by the answers so far."""

from collections.abc import Mapping
from dataclasses import replace

import numpy as np

from aisle.errors import InputError
from aisle.records.quiz import Quiz
from aisle.records.request import Request
from aisle.records.text import halved
from aisle.wiring.answer import answer
from aisle.wiring.live import Live

LONGEST = 600  # characters of a key


def quiz(live: Live, answers: Mapping[str, bool], request: Request, size: int, record: bool) -> Quiz:
    """Answers: a question's key → yes or no; a question that this generation does not know is noted on the slate.

    Raises InputError for what is no answer.
    """
    if not isinstance(answers, Mapping) or not all(isinstance(yes, bool) for yes in answers.values()):
        raise InputError("answers", answers, "a mapping of a question's key to true or false")
    wrong = next((key for key in answers if not isinstance(key, str) or halved(key) or len(key) > LONGEST), None)
    if wrong is not None:
        raise InputError("answers", repr(wrong)[:80], "keys of questions")
    served = live.served()
    questions = served.parts.questions
    known = questions.interview.known(answers)
    kept = {questions.interview.keys[number]: yes for number, yes in known.items()}
    slate = answer(live, "quiz", replace(request, answers=kept), size, repeat="allow", record=record)
    mask = slate.trace.context.mask if slate.trace is not None else np.ones(len(served.generation.catalogue), bool)
    following = questions.interview.next(known, questions.barred(mask))
    lost = tuple(f"question {key[:80]!r} is not asked any more" for key in answers if key not in kept)
    return Quiz(
        None if following is None else questions.shown(following, served.generation.catalogue, mask),
        replace(slate, notes=(*slate.notes, *lost)),
    )
