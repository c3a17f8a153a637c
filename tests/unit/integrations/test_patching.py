"""What is wrapped is put back; what others did meanwhile stays."""

import threading

import pytest

from nbtrack.integrations.patching import Function, Outermost, Patches


class Base:
    def fit(self, value: int) -> int:
        """Fit."""
        return value


class Heir(Base):
    pass


def doubled(original: Function) -> Function:
    return lambda *args: 2 * original(*args)


def test_a_wrapped_function_keeps_its_looks_and_is_put_back():
    patches, original = Patches(), Base.fit
    patches.wrap(Base, "fit", doubled)

    assert Base().fit(2) == 4
    assert (Base.fit.__doc__, Base.fit.__name__) == ("Fit.", "fit")
    patches.undo()
    assert Base.fit is original


def test_an_inherited_function_is_inherited_again():
    patches = Patches()
    patches.wrap(Heir, "fit", doubled)
    assert (Heir().fit(2), Base().fit(2)) == (4, 2)

    patches.undo()

    assert "fit" not in vars(Heir)


def test_what_somebody_else_put_there_since_then_stays(monkeypatch):
    patches, theirs = Patches(), lambda _self, _value: "theirs"
    patches.wrap(Base, "fit", doubled)
    monkeypatch.setattr(Base, "fit", theirs)

    patches.undo()

    assert Base.fit is theirs


def test_calls_inside_of_a_call_are_told_apart_also_on_other_threads():
    outermost, seen = Outermost(), []

    def inner() -> None:
        with outermost.call() as is_outermost:
            seen.append(is_outermost)

    with outermost.call() as first:
        inner()
        thread = threading.Thread(target=inner)
        thread.start()
        thread.join()
    inner()

    assert first
    assert seen == [False, False, True]


def test_a_call_that_raises_is_over():
    outermost = Outermost()
    with pytest.raises(ValueError, match="theirs"), outermost.call():
        raise ValueError("theirs")

    with outermost.call() as is_outermost:
        assert is_outermost
