from contextvars import ContextVar
from types import SimpleNamespace

from nbtrack.panels.detached import detached, pin


def test_what_is_sent_detached_answers_no_cell_and_the_cell_goes_on():
    parent: ContextVar[dict[str, object]] = ContextVar("shell_parent")
    parent.set({"header": {"msg_id": "1"}})
    kernel = SimpleNamespace(_shell_parent=parent)

    assert detached(kernel, parent.get) == {}
    assert parent.get() == {"header": {"msg_id": "1"}}


def test_without_a_kernel_it_is_just_done():
    assert detached(None, lambda: 7) == 7


def test_a_comm_that_knows_no_routes_is_left_alone():
    """Ipykernel 6 and 7.3 send what a browser says where the browser sent it."""
    comm = SimpleNamespace()

    pin(comm)

    assert vars(comm) == {}
