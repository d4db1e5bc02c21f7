"""What commands share: consoles, logging, and one clear line instead of a traceback."""

from __future__ import annotations

import logging

from rich.console import Console
from rich.logging import RichHandler

from vcam.app.explaining import explained, options, say_error

__all__ = ["err", "explained", "out", "say_error", "start_logging"]

out = Console(soft_wrap=True)
err = Console(stderr=True, soft_wrap=True)


def start_logging(debug: bool) -> None:
    """Messages go to standard error; ``debug`` shows everything, with tracebacks."""
    options.debug = debug
    handler = RichHandler(console=err, show_time=debug, show_path=debug, markup=False, highlighter=None)
    logging.basicConfig(level=logging.DEBUG if debug else logging.WARNING, format="%(message)s", handlers=[handler],
                        force=True)
    for noisy in ("numba", "PIL", "libav"):
        logging.getLogger(noisy).setLevel(logging.WARNING)
