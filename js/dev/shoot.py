"""Photograph the development page: every tab, light and dark, wide and narrow.

Build it first (`node build.mjs dev`). The pictures go to `dev/shots/`. With names as
arguments, only pictures whose name contains one of them are taken.
"""
# ruff: noqa: INP001  (a script beside the npm package)

import shutil
import sys
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlencode

from playwright.sync_api import Page, sync_playwright

HERE = Path(__file__).parent
SHOTS = HERE / "shots"
ARGUMENTS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
WIDTH = {"wide": 1000, "narrow": 320, "medium": 752, "large": 1900}


def pictures() -> Iterator[tuple[str, dict[str, str], str]]:
    """Yield name, query and what to do before each picture."""
    for theme in ("light", "dark"):
        for tab in ("charts", "system", "logs", "overview", "files", "code", "alerts"):
            yield f"{tab}-{theme}", {"theme": theme, "tab": tab}, ""
        yield f"narrow-{theme}", {"theme": theme, "size": "narrow"}, ""
        yield f"smooth-{theme}", {"theme": theme, "smoothing": "0.9"}, "hover"
        yield f"zoom-{theme}", {"theme": theme}, "zoom"
        both = {"theme": theme, "overlay": "train/loss,val/loss"}
        yield f"overlay-{theme}", both, "hover"
        yield f"menu-{theme}", both, "menu"
        yield f"epoch-{theme}", {**both, "axis": "metric:epoch"}, "hover"
        yield f"wall-{theme}", {"theme": theme, "axis": "wall", "smoothing": "0.8"}, ""
    for theme in ("light", "dark", "hc"):
        for tab in ("charts", "table", "parallel", "scatter"):
            query = {"theme": theme, "compare": "12", "tab": tab, "height": "560"}
            act = "hover" if tab == "charts" else ""
            for width in (320, 720, 1600):
                sized = {**query, "width": str(width), "size": str(width + 32)}
                yield f"compare-{tab}-{theme}-{width}", sized, act
    for theme in ("light", "dark"):
        grouped = {"theme": theme, "compare": "12", "group": "config.lr", "height": "560"}
        yield f"compare-group-{theme}", {**grouped, "size": "large"}, "hover"
        yield f"compare-narrow-{theme}", {**grouped, "size": "medium", "width": "720"}, ""
    yield "stop-light", {"theme": "light", "height": "260"}, "stop"
    for size in ("wide", "narrow"):
        for theme in ("light", "dark"):
            idle = {"theme": theme, "height": "260", "idle": "1", "size": size}
            yield f"idle-{theme}-{size}", idle, "finish"
    yield "finished-dark", {"theme": "dark", "state": "finished"}, ""
    yield "contrast", {"theme": "hc"}, "hover"
    yield "bare-light", {"theme": "none"}, ""
    yield "empty-light", {"theme": "light", "empty": "1", "height": "300"}, ""
    yield "large-dark", {"theme": "dark", "size": "large", "height": "900"}, ""
    for tab in ("logs", "overview", "system", "files", "code", "alerts"):
        yield f"narrow-{tab}", {"theme": "light", "tab": tab, "size": "narrow"}, ""


def act(page: Page, action: str) -> None:
    """Do what a picture shows."""
    plots = page.locator(".nbt-panel:not([hidden]) .nbt-over")
    if action == "hover":
        box = plots.first.bounding_box()
        assert box is not None  # noqa: S101  a chart that was waited for
        page.mouse.move(box["x"] + box["width"] * 0.42, box["y"] + 40)
        page.mouse.move(box["x"] + box["width"] * 0.43, box["y"] + 42)
    elif action == "zoom":
        box = plots.first.bounding_box()
        assert box is not None  # noqa: S101
        page.mouse.move(box["x"] + box["width"] * 0.4, box["y"] + 20)
        page.mouse.down()
        page.mouse.move(box["x"] + box["width"] * 0.8, box["y"] + 22, steps=4)
        page.mouse.up()
        page.mouse.move(5, 5)
    elif action == "menu":
        page.locator(".nbt-card header").first.hover()
        page.locator(".nbt-card").first.get_by_role("button", name="More").click()
    elif action == "stop":
        page.get_by_role("button", name="Stop").click()
    elif action == "finish":
        page.get_by_role("button", name="Finish").click(timeout=8000)


def shoot(page: Page, name: str, query: dict[str, str], action: str) -> None:
    """Take one picture."""
    size = query.pop("size", "wide")
    width = WIDTH.get(size) or int(size)
    page.set_viewport_size({"width": width, "height": int(query.get("height", "520")) + 32})
    given = {"speed": "0", **query}
    page.goto(f"{(HERE / 'index.html').as_uri()}?{urlencode(given)}")
    page.wait_for_selector(".nbt-name")
    if query.get("tab", "charts") in {"charts", "system"} and "empty" not in query:
        page.wait_for_selector(".nbt-panel:not([hidden]) canvas")
    page.wait_for_timeout(250)
    act(page, action)
    page.wait_for_timeout(200)
    page.screenshot(path=SHOTS / f"{name}.png")


def main(only: list[str]) -> None:
    """Take all pictures whose name contains one of `only`."""
    SHOTS.mkdir(exist_ok=True)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=shutil.which("chromium"), args=ARGUMENTS
        )
        page = browser.new_page(device_scale_factor=2)
        page.add_init_script("localStorage.clear()")  # each picture begins anew
        page.on("pageerror", lambda error: print("page error:", error))  # noqa: T201
        page.on("console", lambda message: print("console:", message.text))  # noqa: T201
        for name, query, action in pictures():
            if not only or any(part in name for part in only):
                shoot(page, name, query, action)
        browser.close()


if __name__ == "__main__":
    main(sys.argv[1:])
