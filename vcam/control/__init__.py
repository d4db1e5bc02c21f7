"""What is shown, and who decides it: settings into parts, parts into a run, a run into a state."""
