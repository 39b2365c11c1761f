"""The process sandbox: bubblewrap around a server process, held to the plan that its proof carries.

What the process sees: the system folders and its own program, read-only; what the plan binds, and copies of
the folders in which something is excepted; an empty `/tmp` and `HOME` in memory; its own processes; no
network; the environment variables that are named and no others.
"""

from capwright_runtimes.sandbox.copies import Copies
from capwright_runtimes.sandbox.launch import Launch, confine, start
from capwright_runtimes.sandbox.probe import probe
from capwright_runtimes.sandbox.unconfined import start_unconfined

__all__ = ["Copies", "Launch", "confine", "probe", "start", "start_unconfined"]
