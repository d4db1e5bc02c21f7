"""vcam: replaces the background of a camera, in real time, on a CPU."""

__version__ = "0.1.0"
