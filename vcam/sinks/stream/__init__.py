"""Streams: pictures encoded and sent to servers and players on the network, or into a folder they read."""
