"""What a page asks for, and what it complains of."""

from playwright.sync_api import Page


def listen(page: Page) -> tuple[list[str], list[str]]:
    """Return what a page asks for, and what it complains of, as they grow."""
    asked: list[str] = []
    told: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    page.on("dialog", lambda dialog: (told.append(dialog.message), dialog.dismiss()))
    page.on("pageerror", lambda error: told.append(str(error)))
    page.on("console", lambda said: told.append(said.text) if said.type == "error" else None)
    return asked, told
