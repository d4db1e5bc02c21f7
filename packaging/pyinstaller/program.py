"""What the frozen program starts with. ``-m vcam`` is what vcam starts itself with as a child, as Python would."""

import multiprocessing
import sys

if __name__ == "__main__":
    multiprocessing.freeze_support()
    if sys.argv[1:3] == ["-m", "vcam"]:
        del sys.argv[1:3]
    from vcam.app.cli import main

    main()
