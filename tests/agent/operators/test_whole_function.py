"""The whole-function operator."""

from __future__ import annotations

from burnish.agent.operators.base import Operator
from burnish.agent.operators.whole_function import WholeFunction
from conformance.operator import OperatorConformance


class TestWholeFunction(OperatorConformance):
    """It passes the suite."""

    def make(self) -> Operator:
        return WholeFunction()

    def answer_for(self, function: str) -> str:
        return f"Here is a faster version:\n\n```python\nimport bisect\n\n{function}\nprint(rank([1]))\n```\nDone."
