"""The tray: a program of its own that shows a vcam in another process, and tells it what the user clicks."""
