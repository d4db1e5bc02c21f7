"""The panel and the HTTP API: a page to see and control a running vcam, and the same for scripts."""
