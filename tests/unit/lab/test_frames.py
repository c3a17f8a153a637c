"""Frames on the socket."""

import math

import pytest
from lab_client import split

from nbtrack.lab.frames import encode_frame


@pytest.mark.parametrize("name", ["", "a", "ab", "abc", "äöü", "🦦", "abcdefgh"])
def test_the_floats_of_a_frame_lie_at_a_multiple_of_eight(name: str) -> None:
    """The browser reads them in place, without a copy."""
    frame = encode_frame({"name": name}, b"12345678")

    assert split(frame) == ({"name": name}, b"12345678")


def test_half_of_a_surrogate_pair_is_shown_as_a_question_mark() -> None:
    """Such names come from broken file names; JSON could not carry them."""
    head, _ = split(encode_frame({"name": "a\udc80"}))

    assert head == {"name": "a?"}


def test_a_head_with_nan_is_a_fault_of_ours_and_is_not_sent() -> None:
    """`JSON.parse` would fail on it, far from the cause."""
    with pytest.raises(ValueError, match="not JSON compliant"):
        encode_frame({"loss": math.nan})
