"""Pixel verbs on a device."""
