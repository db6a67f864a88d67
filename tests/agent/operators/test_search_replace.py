"""The search/replace operator."""

from __future__ import annotations

import pytest

from burnish.agent.operators.base import Operator
from burnish.agent.operators.search_replace import SearchReplace
from burnish.agent.operators.whole_function import WholeFunction
from burnish.tools.errors import EditError
from conformance.operator import BETTER, FUNCTION, PROGRAM, OperatorConformance


class TestSearchReplace(OperatorConformance):
    """It passes the suite."""

    def make(self) -> Operator:
        return SearchReplace()

    def answer_for(self, function: str) -> str:
        old = FUNCTION[FUNCTION.index("    places = []") :]
        return f"<<<<<<< SEARCH\n{old}=======\n{function.split(':', 1)[1]}>>>>>>> REPLACE\n"


def test_a_whole_function_is_taken_as_the_other_operator_takes_it() -> None:
    answer = f"```python\n{BETTER}```"
    assert SearchReplace().apply(answer, PROGRAM) == WholeFunction().apply(answer, PROGRAM)


def test_a_search_text_that_is_not_there_shows_what_is() -> None:
    with pytest.raises(EditError, match="place = 1"):
        SearchReplace().apply("<<<<<<< SEARCH\nplace = 2\n=======\nplace = 3\n>>>>>>> REPLACE", PROGRAM)
