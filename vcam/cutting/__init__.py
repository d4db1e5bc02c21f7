"""Cutting people out of files: nothing is live here, so every matte may look both ways in time.

A film goes through three stages, chunk by chunk, each chunk on any process: ``survey`` finds the person's whereabouts
and the cuts, ``see`` asks the networks, ``render`` steadies, fits and encodes. What chunks need of one another lies in
the work folder, so the result does not depend on who worked on which chunk, and an interrupted run goes on where it
was.
"""
