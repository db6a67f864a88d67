"""Text for people: one filter for untrusted text per place it is shown in, and one way to write a number.

Untrusted is whatever a model, a repository or a program wrote. No filter is undone by another: each ends in text that
shows the same to everybody and does nothing. Rich markup is not a concern here: callers put the text of
`for_terminal` into `rich.text.Text`, which has none.
"""

from __future__ import annotations

import math
import re
import unicodedata
from decimal import ROUND_CEILING, ROUND_FLOOR, ROUND_HALF_EVEN, Decimal
from typing import Literal

_KEPT = frozenset("\t\n")
# Control, format (bidi, zero-width, tags), surrogate, private use, line and paragraph separator.
_UNSEEN_CATEGORIES = frozenset(("Cc", "Cf", "Cs", "Co", "Zl", "Zp"))
# What shows nothing though it is a letter or a mark: fillers, the blank braille cell, selectors that can carry data.
_UNSEEN = re.compile(
    "[\u034f\u115f\u1160\u17b4\u17b5\u180b-\u180f\u2800\u3164\ufe00-\ufe0d\uffa0\U000e0100-\U000e01ef]"
)


def for_terminal(text: str) -> str:
    r"""`text` with every character that is not seen, or that a terminal obeys, written as an escape.

    Tab and newline stay; `\r\n` becomes a newline.

    >>> for_terminal("a\x1b[31mb\u202ec")
    'a\\x1b[31mb\\u202ec'
    """
    text = text.replace("\r\n", "\n")
    if text.isascii() and (text.isprintable() or text.replace("\n", "").replace("\t", "").isprintable()):
        return text
    return "".join(_escape(char) if _is_unseen(char) else char for char in text)


def for_markdown(text: str) -> str:
    """`text` on one line as a Markdown code span, in which nothing is a link, an image, a mention, a closing keyword
    or HTML. In a table cell, use `in_cell`.

    >>> for_markdown("fixes #1 `now`")
    '`` fixes #1 `now` ``'
    """
    line = " ".join(for_terminal(text).split())
    if not line:
        return "(empty)"
    ticks = "`" * (_longest_run(line) + 1)
    pad = " " if line[0] == "`" or line[-1] == "`" else ""
    return f"{ticks}{pad}{line}{pad}{ticks}"


def in_cell(text: str) -> str:
    """`for_markdown` for a cell of a table, where a bar ends the cell even inside a code span."""
    return for_markdown(text).replace("|", r"\|")


def fenced(text: str, info: str = "") -> str:
    """`text` as a fenced block of Markdown that nothing inside can close; `info` is the language.

    Ends without a newline.
    """
    text = for_terminal(text)
    fence = "`" * max(3, _longest_run(text) + 1)
    body = text if not text or text.endswith("\n") else text + "\n"
    return f"{fence}{re.sub(r'[^A-Za-z0-9_+-]', '', info)}\n{body}{fence}"


def shorten(text: str, most: int) -> str:
    """`text`, or its beginning and an ellipsis: `most` characters in all, which is at least 1."""
    if most < 1:
        raise ValueError(f"nothing fits in {most} characters")
    return text if len(text) <= most else text[: most - 1] + "…"


def _is_unseen(char: str) -> bool:
    return char not in _KEPT and (unicodedata.category(char) in _UNSEEN_CATEGORIES or bool(_UNSEEN.match(char)))


def _escape(char: str) -> str:
    code = ord(char)
    return f"\\x{code:02x}" if code < 0x100 else f"\\u{code:04x}" if code < 0x10000 else f"\\U{code:08x}"


def _longest_run(text: str) -> int:
    return max((len(run) for run in re.findall("`+", text)), default=0)


Unit = Literal["ratio", "count", "usd", "seconds", "share", "growth", "number"]

NOT_MEASURED = "not measured"


def figure(value: float | None, unit: Unit, *, up: bool = False) -> str:
    """A number as the terminal and the reports write it.

    Args:
        value: None is "not measured".
        unit: `ratio` is old over new ("6.21x"), `usd` money, `seconds` a time, `share` a part of 1, `growth` the
            exponent of time against size ("about O(n^2)"), `count` and `number` neither.
        up: round a ratio up and not down. Down is the rule, so that no speedup reads larger than it is; the upper end
            of an interval is rounded up, so that none reads narrower.

    >>> figure(6.2199, "ratio"), figure(1.0496, "ratio"), figure(None, "ratio")
    ('6.21x', '1.04x', 'not measured')
    """
    if value is None:
        return NOT_MEASURED
    if not math.isfinite(value):
        return "unbounded" if value > 0 else NOT_MEASURED
    match unit:
        case "ratio":
            return _digits(value, 3, ROUND_CEILING if up else ROUND_FLOOR) + "x"
        case "count":
            return f"{value:,.0f}"
        case "usd":
            return f"{value:.2f} USD" if value >= 1 else _digits(value, 2, ROUND_CEILING) + " USD" if value else "0 USD"
        case "seconds":
            return _seconds(value)
        case "share":
            return f"{100 * value:.0f} %"
        case "growth":
            return _growth(value)
        case "number":
            return f"{value:g}"


def interval(low: float | None, high: float | None) -> str:
    """Both ends of an interval of ratios, rounded outwards: "5.91x to 6.43x"."""
    if low is None or high is None:
        return NOT_MEASURED if low is None else f"at least {figure(low, 'ratio')}"
    return f"{figure(low, 'ratio')} to {figure(high, 'ratio', up=True)}"


def plural(count: int, one: str, many: str = "") -> str:
    """`1 input`, `1,200 inputs`."""
    return f"{figure(count, 'count')} {one if count == 1 else many or one + 's'}"


def _digits(value: float, significant: int, rounding: str) -> str:
    exact = Decimal(repr(float(value)))
    if not exact:
        return "0"
    # The last digit kept; never coarser than ones, so that 12,345 stays 12,345.
    last = min(0, exact.adjusted() - significant + 1)
    return f"{exact.quantize(Decimal(1).scaleb(last), rounding=rounding):,f}"


def _seconds(value: float) -> str:
    if value >= 60:
        minutes, seconds = divmod(round(value), 60)
        hours, minutes = divmod(minutes, 60)
        return f"{hours} h {minutes:02} min" if hours else f"{minutes} min {seconds:02} s"
    if value >= 0.1 or value <= 0:
        return f"{value:.1f} s"
    unit, scale = ("ms", 1e3) if value >= 1e-3 else ("us", 1e6)
    return f"{_digits(value * scale, 2, ROUND_HALF_EVEN)} {unit}"


def _growth(exponent: float) -> str:
    whole = round(exponent)
    if abs(exponent - whole) > 0.15 or whole < 0:
        return f"about O(n^{exponent:.1f})"
    return "about " + ("O(1)" if whole == 0 else "O(n)" if whole == 1 else f"O(n^{whole})")
