"""The colours of lines.

`PALETTE` does in light and dark pages alike: each colour has a contrast of at least 3
against white and against #111, and neighbours differ for colour-blind readers. `LIGHT` and
`DARK` are those of the panel, each for one background: any two of them differ for readers
with protanopia, deuteranopia and tritanopia.
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

LIGHT = ("#1279ee", "#a5420f", "#17695f", "#c84bb2", "#99881f", "#521a91")
DARK = ("#5c92f7", "#f0934f", "#62dfcb", "#c26fa8", "#ecdc55", "#b6b2fb")

GREY = "#7f858d"
"""For text and rules in pictures that cannot know the page's colours."""
