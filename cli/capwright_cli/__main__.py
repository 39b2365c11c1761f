"""`python -m capwright_cli`."""

from __future__ import annotations

from capwright_cli.main import main

if __name__ == "__main__":
    main()
