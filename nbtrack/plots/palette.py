"""The colours of lines.

Each has a contrast of at least 3 against white and against #111, so that one picture
does in light and dark pages, and neighbours differ for colour-blind readers.
"""

PALETTE = (
    "#3b7dd8",  # blue
    "#d9731a",  # orange
    "#2a9664",  # green
    "#c9528f",  # pink
    "#8a6bd1",  # violet
    "#978116",  # olive
    "#1f94ad",  # teal
    "#d4524c",  # red
)

GREY = "#7f858d"
"""For text and rules in pictures that cannot know the page's colours."""
