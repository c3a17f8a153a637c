"""Code on a page: coloured, and every character of it there."""

import html
import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nbtrack.reports.listings import _coloured
from nbtrack.reports.markup import joined, text

PIECES = st.sampled_from(
    [
        *("x = 1", "def f(a):", "    return a", "# ü", "'''", '"""', "'", "f'{x}'", "%time", "!ls"),
        *(
            "\n",
            "\r\n",
            "\r",
            "\x0c",
            "\u2028",
            "\x85",
            "\x00",
            "\ud800",
            "\t",
            "(",
            "\\",
            "0x",
            "<b>",
        ),
    ]
)


@given(st.lists(PIECES, max_size=12).map("".join))
def test_no_character_of_the_code_is_lost(source):
    """Also where it is no Python, or ends a line in ways of its own."""
    told = joined(*_coloured(source))

    assert html.unescape(re.sub("<[^>]*>", "", told)) == html.unescape(text(source))


@pytest.mark.parametrize(
    ("source", "told"),
    [
        ("x = 1  # one", 'x = <span class="nbr-n">1</span>  <span class="nbr-c"># one</span>'),
        (
            "for i in '<':",
            (
                '<span class="nbr-k">for</span> i <span class="nbr-k">in</span> '
                '<span class="nbr-s">&#x27;&lt;&#x27;</span>:'
            ),
        ),
        ("%matplotlib inline", "%matplotlib inline"),
    ],
)
def test_words_of_the_language_texts_numbers_and_comments_are_marked(source, told):
    assert joined(*_coloured(source)).startswith(told.split("inline")[0])
