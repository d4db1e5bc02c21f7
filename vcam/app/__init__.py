"""Front ends: each turns input into settings and draws the state."""
