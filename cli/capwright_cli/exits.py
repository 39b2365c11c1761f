"""The exit statuses, the same for every command."""

from __future__ import annotations

from enum import IntEnum


class Exit(IntEnum):
    """`YES` alone means proved, admitted or allowed; whatever goes wrong is another status."""

    YES = 0
    NO = 1  # refuted, refused, denied
    INPUT = 2  # the documents or the command line are at fault
    FAILURE = 3  # undecided, or we are at fault
    INTERRUPTED = 130  # 128 + SIGINT, as shells say it
    BROKEN_PIPE = 141  # 128 + SIGPIPE
