"""What people write between sections, and how little of it can be more than text."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nbtrack.reports.markdown import markdown
from nbtrack.reports.markup import Html, h, joined


@pytest.mark.parametrize(
    ("source", "told"),
    [
        ("One\ntwo\n\nthree", "<p>One\ntwo</p><p>three</p>"),
        ("# A `b` #", "<h2>A <code>b</code></h2>"),
        ("- a\n- [x] b", "<ul><li>a</li><li>☑ b</li></ul>"),
        ("1. a\n2. b", "<ol><li>a</li><li>b</li></ol>"),
        ("> a\n> *b*", "<blockquote>a\n<em>b</em></blockquote>"),
        ("```py\n*x*\n\ny\n```\nz", '<pre tabindex="0">*x*\n\ny</pre><p>z</p>'),
        ("```\nnever closed", '<pre tabindex="0">never closed</pre>'),
        ("```", '<pre tabindex="0"></pre>'),
        ("---", "<hr>"),
        ("~~a~~ **b *c* d**", "<p><s>a</s> <strong>b <em>c</em> d</strong></p>"),
        ("snake_case_name 2*3*4", "<p>snake_case_name 2*3*4</p>"),
        ("[a](javascript:b) [c](/d) [e](//f)", "<p>[a](javascript:b) [c](/d) [e](//f)</p>"),
        ("<b onclick=x>&amp;", "<p>&lt;b onclick=x&gt;&amp;amp;</p>"),
    ],
)
def test_markdown_becomes_elements_and_html_stays_text(source, told):
    assert markdown(source) == told


def test_links_go_to_the_web_or_to_a_place_on_the_page():
    said = '[see](https://a.org/"onx=1) https://b.org. <https://c.org/."> [here](#section-2)'

    told = markdown(said)

    assert re.findall(r'href="([^"]*)"', told) == [
        "https://a.org/&quot;onx=1",
        "https://b.org",
        "https://c.org/.&quot;",
        "#section-2",
    ]


def test_tables_are_tables():
    told = markdown("| a | b |\n|:--|--:|\n| 1 | *2* |")

    assert '<th scope="col">a</th>' in told
    assert "<td>1</td><td><em>2</em></td>" in told


@given(st.text(alphabet="<>&\"'`*_~[]()|#-> \n\tahttps:/.!x\x00\ud800", max_size=120))
def test_no_text_is_an_element_of_its_own(source):
    told = markdown(source)

    bare = re.sub(
        r"</?(?:p|h[2-6]|[uo]l|li|em|strong|s|code|blockquote|hr|table|thead|tbody|tr|td)>",
        "",
        told,
    )
    bare = re.sub(r'<(?:pre tabindex="0"|/pre|/a|div [^<>]*|/div|th scope="col"|/th)>', "", bare)
    bare = re.sub(
        r'<a href="(?:https?:|#)[^"<>]*" title="[^"<>]*" rel="noopener noreferrer">', "", bare
    )
    assert "<" not in bare


def test_long_paragraphs_of_marks_take_no_time():
    """What is opened and never closed must not be looked for again and again."""
    assert markdown("*a" * 50_000).startswith("<p>*a")
    assert markdown("[a](" * 1_000).startswith("<p>[a](")


def test_text_is_escaped_wherever_it_is_put():
    told = h("p", "<b>", h("i", '"'), None, class_='"x', data_y=True, z=False)

    assert told == '<p class="&quot;x" data-y>&lt;b&gt;<i>&quot;</i></p>'
    assert isinstance(joined("a", Html("<b>")), Html)
