"""The only threads in the program: capture, process, one for each sink; and the clock they pace by."""
