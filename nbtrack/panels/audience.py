"""Who looks at a panel, and how much may be sent to them.

A server keeps what it cannot deliver, without bound, so a panel sends only to views that
it has heard of lately. In a kernel that cannot hear while a cell runs (older ones, or
where subshells are off) the browser's signs of life wait behind the cell: there a bounded
amount is sent on credit.
"""

from dataclasses import dataclass, field

LEASE_S = 30.0
CREDIT_BYTES = 8_000_000
AGAIN_S = (1.0, 3.0, 8.0)
"""When a panel that has heard of nobody begins anew, seconds after it first sent."""


@dataclass
class Audience:
    """The views of one panel.

    Attributes:
        was_heard: Whether a view ever said something.
        hears_while_busy: Whether views are heard while a cell runs.
        is_behind: Whether something was not sent: before anything else, a snapshot is due.
    """

    was_heard: bool = False
    hears_while_busy: bool = False
    is_behind: bool = False
    _heard_at_s: dict[str, float] = field(default_factory=dict)
    _unheard_bytes: int = 0
    _all_left: bool = False
    _began_at_s: float | None = None
    _begun_anew: int = 0

    def hear(self, view: str, now_s: float, *, while_busy: bool) -> None:
        """Note a sign of life.

        Args:
            view: Who gave it.
            now_s: When.
            while_busy: Whether it would have come while a cell runs, too.
        """
        self.was_heard = True
        self.hears_while_busy = while_busy
        self._all_left = False
        self._unheard_bytes = 0
        self._heard_at_s = {one: at for one, at in self._heard_at_s.items() if now_s - at < LEASE_S}
        self._heard_at_s[view] = now_s

    def leave(self, view: str) -> None:
        """Note that a view closed."""
        self._heard_at_s.pop(view, None)
        self._all_left = not self._heard_at_s

    def sent(self, size: int) -> None:
        """Note that so many bytes were sent."""
        self._unheard_bytes += size

    def listens(self, now_s: float) -> bool:
        """Tell whether to send."""
        if self._all_left or self._unheard_bytes >= CREDIT_BYTES:
            return False
        leased = any(now_s - at < LEASE_S for at in self._heard_at_s.values())
        return leased or not self.hears_while_busy

    def begins_anew(self, now_s: float) -> bool:
        """Tell whether a snapshot is due because nobody has been heard of yet.

        A view misses what was sent before it listened. Its word for that comes when the
        cell has ended, where a kernel cannot hear while it is busy.
        """
        if self.was_heard:
            return False
        if self._began_at_s is None:
            self._began_at_s = now_s
        due = sum(now_s - self._began_at_s >= gap for gap in AGAIN_S)
        is_due, self._begun_anew = due > self._begun_anew, due
        return is_due
