"""Evaluation: how good the matte is, on clips whose truth is known.

A room of its own, and not part of ``control``: nothing here is live, and the live program needs nothing of it. It sits
above ``control`` because what it measures must be put together as a live run is.
"""
