"""A page that stands alone."""

import base64
import hashlib
import re

from nbtrack.reports.page import Page
from nbtrack.reports.parcel import Parcel


def digest(text: str) -> str:
    return base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()


def policy_of(html: str) -> dict[str, list[str]]:
    """Return a page's content security policy, by directive."""
    [text] = re.findall(r'http-equiv="Content-Security-Policy" content="([^"]*)"', html)
    return {part.split()[0]: part.split()[1:] for part in text.split("; ")}


def test_only_what_the_page_itself_carries_may_run_and_style_it():
    page = Page("A title", scripts=["window.x = '</script>'"], styles=["p { color: red }"])
    place = page.live(Parcel("application/json", {}, b""), "<p>still</p>")

    html = page.written(place)

    policy = policy_of(html)
    scripts = re.findall(r"<script(?: type=\"module\")?>(.*?)</script>", html, re.DOTALL)
    styles = re.findall(r"<style>(.*?)</style>", html, re.DOTALL)
    assert policy["default-src"] == ["'none'"]
    assert policy["script-src"] == [f"'sha256-{digest(script)}'" for script in scripts]
    assert policy["style-src"] == [f"'sha256-{digest(style)}'" for style in styles]
    assert len(scripts) == len(styles) == 2


def test_titles_authors_and_captions_are_text():
    page = Page("<img src=x onerror=alert(1)>", author='"><script>alert(1)</script>')
    html = page.written("")

    assert "<img src=x" not in html
    assert "<script>alert" not in html


def test_a_page_without_live_views_carries_no_script():
    html = Page("Nothing").written("<p>Nothing.</p>")

    assert "<script" not in html
    assert policy_of(html)["script-src"] == ["'none'"]


def test_nothing_in_a_page_leads_elsewhere():
    """What its script might fetch, the policy and the browser's tests look after."""
    page = Page("A title")
    html = page.written(page.live(Parcel("application/json", {}, b""), ""))

    marked_up = re.sub(r"<script.*?</script>", "", html, flags=re.DOTALL)
    assert re.findall(r"\b(?:src|href)=|@import|url\((?![\"']?data:)", marked_up) == []
