"""What other libraries do, logged by itself: `nbtrack.init(magic=True)`.

A framework is patched if it is there, or when it is imported later, and only while a run
that wants it is open. Nothing of a framework is imported here; what a patch does after the
framework's own work is guarded: no trouble of ours reaches a training.
"""

from nbtrack.integrations.autologging import begin

__all__ = ["begin"]
