"""Addresses of runs: what `run.url` gives, and what people copy from elsewhere."""

from pathlib import Path

import pytest
from storekit import UID, opened_run

import nbtrack
from nbtrack import query
from nbtrack.errors import UsageError
from nbtrack.query import address_in
from nbtrack.store import Journal

LAB = "http://localhost:8888/lab/tree/a.ipynb?nbtrack="
HUB = "https://hub/user/ada/lab?reset&nbtrack="


@pytest.mark.parametrize(
    ("text", "path"),
    [
        ("ada/digits/1f3k", "ada/digits/1f3k"),
        ("1f3k", "1f3k"),
        (LAB + "ada/digits/runs/1f3k", "ada/digits/runs/1f3k"),
        (HUB + "ada%2Fdig%20its%2Fruns%2F1f3k", "ada/dig its/runs/1f3k"),
        (LAB + "ada/digits", "ada/digits"),
        ("https://tracker.example.org/ada/digits/runs/1f3k?workspace=x", "ada/digits/runs/1f3k"),
        ("https://tracker.example.org/team/ada/digits/runs/1f3k/logs", "ada/digits/runs/1f3k"),
    ],
)
def test_an_address_says_a_path(text, path):
    assert address_in(text) == query.Address(path)


@pytest.mark.parametrize("tail", ["/report.html", "", "/"])
def test_a_page_on_disk_says_its_workspace_and_run(tail):
    text = f"file:///data/my%20work/.nbtrack/runs/{UID}{tail}"

    assert address_in(text) == query.Address(UID, Path("/data/my work/.nbtrack"))


@pytest.mark.parametrize(
    "text",
    [
        "https://host/",
        "https://host/ada/digits",
        "https://host/runs/1f3k",
        "https://[host/a/b/runs/c",
        "file:///etc/passwd",
        "file:///data/.nbtrack/nbtrack.duckdb",
        "https://host/a/b/runs/",
    ],
)
def test_an_address_of_something_else_is_refused(text):
    with pytest.raises(UsageError, match="is no address of a run"):
        address_in(text)


@pytest.fixture
def run(root) -> query.ApiRun:
    Journal.create(root, opened_run(UID)).close()
    return nbtrack.Api(root).run(UID)


def test_from_path_takes_every_form_of_an_address(run, root, tmp_path):
    api = nbtrack.Api(root)
    path = "/".join(run.path)
    page = f"http://localhost:8888/base/lab/tree/a.ipynb?nbtrack={run.entity}/{run.project}"

    for text in (path, f"{page}/runs/{run.id}", run.url, (root / "runs" / UID).as_uri()):
        assert api.from_path(text).uid == UID
    assert api.from_path(page).name == run.project
    elsewhere = query.Api(tmp_path / "other")
    assert elsewhere.from_path(run.url).uid == UID
