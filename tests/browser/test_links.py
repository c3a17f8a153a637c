"""`run.url`: the address of a run, typed, sent to somebody, or clicked in a cell."""

from browser.page import LabPage
from browser.panel import Panel
from playwright.sync_api import expect

FORGOTTEN = "() => !location.search.includes('nbtrack')"
SHORT = """
import nbtrack
from IPython.display import HTML, display
run = nbtrack.init(project={project!r}, name={name!r}, settings={{"x_disable_stats": True}})
for step in range(50):
    run.log({{"train/loss": 1 / (step + 1)}})
run.finish()
display(HTML(f'<a href="{{run.url}}">the run</a> <a href="{{run.project_url}}">its project</a>'))
print("address", run.url)
"""


def trained(lab: LabPage, name: str, project: str = "linked") -> str:
    """Train in a notebook of this name and return the address of its run."""
    lab.open(f"{name}.ipynb", [SHORT.format(project=project, name=name)])
    lab.run_all()
    said = next(out["text"] for out in lab.outputs(0) if out["output_type"] == "stream")
    address: str = "".join(said).split("address ")[1].strip()
    assert address.startswith(f"{lab.server.url}/lab/tree/{name}.ipynb?nbtrack=")
    lab.save()
    return address


def test_the_address_of_a_run_opens_it_and_is_forgotten(lab: LabPage) -> None:
    """Somebody was sent the address: JupyterLab, or Notebook 7, is loaded with it."""
    address = trained(lab, "sent")

    lab.goto(address)

    expect(lab.page.get_by_role("tab", name="sent.ipynb")).to_be_visible()
    Panel(lab.run_tab()).expect_run("sent")
    lab.page.wait_for_function(FORGOTTEN)
    assert lab.page.url.startswith(f"{lab.server.url}/lab")
    lab.screenshot("link-opened")

    lab.goto(address.replace("/lab/tree/", "/notebooks/"))

    Panel(lab.page.locator(".nbt-lab-tab")).expect_run("sent")
    lab.page.wait_for_function(FORGOTTEN)
    lab.screenshot("link-notebook-7")


def test_links_that_are_clicked_open_in_the_page_that_is_there(lab: LabPage) -> None:
    trained(lab, "other", project="another (2)")
    trained(lab, "clicked", project="its own (1+)")

    lab.cell(0).get_by_role("link", name="its project").click()

    sidebar = lab.page.get_by_role("region", name="Runs of nbtrack")
    expect(sidebar.get_by_role("button", name="clicked, finished")).to_be_visible()
    expect(sidebar.get_by_role("button", name="other, finished")).to_have_count(0)
    lab.screenshot("link-project")

    lab.cell(0).get_by_role("link", name="the run").click()

    Panel(lab.run_tab()).expect_run("clicked")
    assert "nbtrack=" not in lab.page.url
    assert len(lab.page.context.pages) == 1


def test_an_address_that_leads_nowhere_says_so(lab: LabPage) -> None:
    lab.goto(f"{lab.server.url}/lab?nbtrack=ada/digits/runs/<img src=x onerror=alert(1)>")

    told = lab.page.get_by_text("No run or project 'ada/digits/runs/<img src=x onerror=alert(1)>'")
    expect(told.first).to_be_visible()
    lab.screenshot("link-nowhere")
