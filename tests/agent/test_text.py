"""Untrusted text does nothing where it is shown, and a number reads the same everywhere."""

from __future__ import annotations

import io
import re
import unicodedata

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from markdown_it import MarkdownIt
from markdown_it.token import Token
from rich.console import Console
from rich.text import Text

from burnish.agent.text import fenced, figure, for_markdown, for_terminal, in_cell, interval, plural, shorten

ATTACKS = [
    "\x1b[31mred\x1b[0m",
    "\x1b[2J\x1b[H",
    "\x1b]8;;https://evil.example\x1b\\here\x1b]8;;\x1b\\",
    "\x1b]52;c;cm0gLXJmIH4=\x07",
    "\x9b31m\x9d0;title\x9c",
    "ok\rnot ok",
    "a\x08b\x7f\x00",
    "access \u202euser\u2066 // admin\u2069",
    "zero\u200bwidth\u2060join\ufeffsoft\u00adhyphen",
    "tags\U000e0041\U000e0042 selectors\U000e0101",
    "fill\u3164er\u2800",
    "line\u2028para\u2029next\u0085",
    "half \ud800 pair",
    "[bold red]markup[/] [link=https://evil.example]x[/link]",
    "@octocat please look",
    "fixes #1, closes org/repo#2, resolves https://github.com/o/r/issues/3",
    "[link](https://evil.example) <https://evil.example> https://evil.example www.evil.example",
    "![img](https://evil.example/p.png) ![r][r]\n\n[r]: https://evil.example",
    "<img src=x onerror=alert(1)><script>alert(1)</script><!-- --><details>",
    "`code` ``more`` ```fence```",
    "```\n# out\n```",
    "~~~\n\n# heading\n- item\n\n| a | b |\n|---|---|\n",
    "\\` escaped \\",
    "&lt;b&gt; &#64;octocat $math$ :tada: <a href='`'>`</a>",
    "   ",
    "`",
    " ` ",
]
TEXTS = (
    st.text(st.characters())
    | st.text(st.sampled_from("`\\ \n\r\t|<>[]!()#@*_&;~:/abc1\x1b\u202e\u200b"))
    | st.sampled_from(ATTACKS)
)


def is_seen(text: str) -> bool:
    return all(
        char in "\t\n" or unicodedata.category(char) not in ("Cc", "Cf", "Cs", "Co", "Zl", "Zp") for char in text
    )


@given(TEXTS)
def test_the_terminal_gets_nothing_unseen(text: str) -> None:
    shown = for_terminal(text)
    assert is_seen(shown)
    assert for_terminal(shown) == shown
    shown.encode("utf-8")
    out = io.StringIO()
    Console(file=out, force_terminal=True, width=10_000, color_system="truecolor").print(Text(shown), soft_wrap=True)
    assert "\x1b" not in out.getvalue()


@given(st.text(st.characters(min_codepoint=32, max_codepoint=126) | st.sampled_from("\t\nüß漢é")))
def test_plain_text_stays_as_it_is(text: str) -> None:
    assert for_terminal(text) == text


def test_escapes_are_readable() -> None:
    assert for_terminal("a\x1b[0m\u202eb\U000e0041\r\nc\rd") == "a\\x1b[0m\\u202eb\\U000e0041\nc\\x0dd"


def leaves(markdown: str) -> list[Token]:
    """The inline tokens of everything that was rendered, blocks in front."""
    parser = MarkdownIt("gfm-like", {"html": True, "linkify": False})
    found: list[Token] = []
    for token in parser.parse(markdown):
        found += [token, *(token.children or [])]
    return found


@given(TEXTS)
@example("`" * 9 + " |")
def test_inline_markdown_is_one_code_span(text: str) -> None:
    shown = for_markdown(text)
    assert "\n" not in shown
    assert is_seen(shown)
    kinds = [token.type for token in leaves(f"before {shown} after")]
    expected = ["paragraph_open", "inline", "text", "code_inline", "text", "paragraph_close"]
    assert kinds == (expected if shown != "(empty)" else ["paragraph_open", "inline", "text", "paragraph_close"])
    if shown != "(empty)":
        (span,) = [token for token in leaves(f"before {shown} after") if token.type == "code_inline"]
        assert span.content == " ".join(for_terminal(text).split())


@given(TEXTS)
def test_a_table_cell_stays_one_cell(text: str) -> None:
    kinds = [token.type for token in leaves(f"| a | b |\n|---|---|\n| {in_cell(text)} | end |\n")]
    assert kinds.count("td_open") == 2
    assert kinds.count("tr_open") == 2
    assert not {"link_open", "image", "html_inline", "html_block"} & set(kinds)


@given(TEXTS, st.sampled_from(["", "python", "py `x`\n# out", "diff"]))
def test_a_fence_is_closed_only_by_its_end(text: str, info: str) -> None:
    block = fenced(text, info)
    tokens = leaves(f"before\n\n{block}\n\nafter\n")
    assert [token.type for token in tokens if token.type == "fence"] == ["fence"]
    assert [token.content for token in tokens if token.type == "inline"] == ["before", "after"]
    (fence,) = [token for token in tokens if token.type == "fence"]
    assert fence.content.rstrip("\n") == for_terminal(text).rstrip("\n")
    assert re.fullmatch(r"[A-Za-z0-9_+-]*", fence.info)
    assert is_seen(block)


@given(st.text(), st.integers(1, 50))
def test_shortened_text_fits_and_says_that_it_was_cut(text: str, most: int) -> None:
    short = shorten(text, most)
    assert len(short) <= most
    assert short == text or (short.endswith("…") and text.startswith(short[:-1]))
    with pytest.raises(ValueError):
        shorten(text, 0)


@pytest.mark.parametrize(
    ("value", "unit", "text"),
    [
        (None, "ratio", "not measured"),
        (float("nan"), "ratio", "not measured"),
        (6.2, "ratio", "6.20x"),
        (1.0496, "ratio", "1.04x"),
        (1.15, "ratio", "1.15x"),
        (12345.6, "ratio", "12,345x"),
        (0.5, "ratio", "0.500x"),
        (0, "usd", "0 USD"),
        (0.00012, "usd", "0.00012 USD"),
        (3.14159, "usd", "3.14 USD"),
        (1234567, "count", "1,234,567"),
        (0.00532, "seconds", "5.3 ms"),
        (0.0000532, "seconds", "53 us"),
        (0.25, "seconds", "0.2 s"),
        (72.4, "seconds", "1 min 12 s"),
        (3725, "seconds", "1 h 02 min"),
        (0.876, "share", "88 %"),
        (1.96, "growth", "about O(n^2)"),
        (1.04, "growth", "about O(n)"),
        (-0.05, "growth", "about O(1)"),
        (1.4, "growth", "about O(n^1.4)"),
        (0.001, "number", "0.001"),
    ],
)
def test_figures(value: float | None, unit: str, text: str) -> None:
    assert figure(value, unit) == text  # type: ignore[arg-type]


@given(st.floats(1e-4, 1e6), st.floats(0, 1))
def test_rounding_never_flatters(ratio: float, width: float) -> None:
    def read(text: str) -> float:
        return float(text.removesuffix("x").replace(",", ""))

    assert read(figure(ratio, "ratio")) <= ratio <= read(figure(ratio, "ratio", up=True))
    low, high = interval(ratio, ratio * (1 + width)).split(" to ")
    assert read(low) <= ratio
    assert read(high) >= ratio * (1 + width)
    assert low == figure(ratio, "ratio")


def test_intervals_and_plurals() -> None:
    assert interval(None, None) == "not measured"
    assert interval(2.0, None) == "at least 2.00x"
    assert interval(5.914, 6.421) == "5.91x to 6.43x"
    assert [plural(n, "input") for n in (0, 1, 1200)] == ["0 inputs", "1 input", "1,200 inputs"]
    assert plural(2, "entry", "entries") == "2 entries"
