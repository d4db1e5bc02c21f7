"""``python -m vcam``."""

from vcam.app.cli import main

main()
