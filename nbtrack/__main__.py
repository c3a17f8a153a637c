"""`python -m nbtrack` is `nbtrack`."""

import sys

from nbtrack.cli import main

if __name__ == "__main__":
    sys.exit(main())
