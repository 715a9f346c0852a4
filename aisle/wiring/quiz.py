"""`quiz`: for a shopper of whom nothing is known, what to ask next, and a slate by the answers so far."""

from collections.abc import Mapping
from dataclasses import replace

from aisle.errors import InputError
from aisle.records.quiz import Quiz
from aisle.records.request import Request
from aisle.wiring.answer import answer
from aisle.wiring.live import Live


def quiz(live: Live, answers: Mapping[str, bool], request: Request, size: int, record: bool) -> Quiz:
    """Answers: a question's key → yes or no; a question that this generation does not know is noted on the slate.

    Raises InputError for what is no answer.
    """
    if not isinstance(answers, Mapping) or not all(isinstance(yes, bool) for yes in answers.values()):
        raise InputError("answers", answers, "a mapping of a question's key to true or false")
    slate = answer(live, "quiz", replace(request, answers=answers), size, repeat="allow", record=record)
    questions = live.served().parts.questions
    known = questions.interview.known(answers)
    lost = tuple(f"question {str(key)[:80]!r} is not asked any more"
                 for key in answers if key not in questions.interview.keys)  # fmt: skip
    following = questions.interview.next(known)
    return Quiz(
        None if following is None else questions.asked[following],
        replace(slate, notes=(*slate.notes, *lost)),
    )
