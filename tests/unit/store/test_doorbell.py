"""Who waits for something in a folder learns of it at once, where the system tells."""

import os
import sys
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest
from storekit import UID

from nbtrack.store import Doorbell, request_stop, run_folder

LONG_S = 60.0

only_linux = pytest.mark.skipif(sys.platform != "linux", reason="elsewhere one looks in turns")


@pytest.fixture
def bell() -> Iterator[Doorbell]:
    with closing(Doorbell()) as bell:
        assert not bell.wait(0)
        yield bell


def ask(path: Path) -> None:
    draft = path.with_suffix(".draft")
    draft.touch()
    draft.rename(path)


@only_linux
def test_what_is_moved_into_a_folder_rings_and_once_more_when_it_was_looked_at(bell, tmp_path):
    """What comes between the look and the next wait is not missed."""
    bell.listen_at({tmp_path})
    assert not bell.wait(0)

    ask(tmp_path / "stop")

    assert bell.wait(LONG_S)
    ask(tmp_path / "finish")
    assert bell.wait(LONG_S)
    assert not bell.wait(0)


@only_linux
def test_a_wish_that_comes_again_rings_again(bell, tmp_path):
    run_folder(tmp_path, UID).mkdir(parents=True)
    bell.listen_at({run_folder(tmp_path, UID)})

    for _ in range(2):
        request_stop(tmp_path, UID)
        assert bell.wait(LONG_S)


@only_linux
def test_a_folder_that_nobody_listens_at_any_more_does_not_ring(bell, tmp_path):
    folders = [tmp_path / name for name in ("one", "other")]
    for folder in folders:
        folder.mkdir()
    bell.listen_at(folders)
    bell.listen_at(folders[1:])
    while bell.wait(0):  # the system says that it listens no more
        pass

    ask(folders[0] / "stop")
    assert not bell.wait(0)
    ask(folders[1] / "stop")

    assert bell.wait(LONG_S)


@only_linux
def test_a_folder_that_is_gone_disturbs_nobody(bell, tmp_path):
    bell.listen_at({tmp_path, tmp_path / "gone"})

    ask(tmp_path / "stop")

    assert bell.wait(LONG_S)
    bell.listen_at(())


def test_a_bell_that_the_system_does_not_give_keeps_silent(tmp_path, monkeypatch):
    """A user may have 128 of them."""
    monkeypatch.setattr(sys, "platform", "elsewhere")
    with closing(Doorbell()) as bell:
        bell.wait(0)
        bell.listen_at({tmp_path})
        ask(tmp_path / "stop")

        assert not bell.wait(0)


@only_linux
def test_a_bell_that_somebody_has_taken_off_keeps_silent(bell, tmp_path):
    """A program that becomes a daemon closes whatever is open."""
    bell.listen_at({tmp_path})
    os.close(bell._descriptor)

    while bell.wait(0):
        pass
    ask(tmp_path / "stop")

    assert not bell.wait(0)


@only_linux
def test_what_somebody_opened_in_its_place_is_neither_read_nor_closed(bell, tmp_path):
    read, write = os.pipe()
    with os.fdopen(read, "rb") as reader, os.fdopen(write, "wb", buffering=0) as writer:
        bell.listen_at({tmp_path})
        number = bell._descriptor
        os.dup2(read, number)
        writer.write(b"theirs")

        while bell.wait(0):
            pass
        bell.close()

        assert reader.read1(6) == b"theirs"
        os.close(number)
