"""What a tool prints: all of it in a rotating log file, its end in memory, lines on a screen."""
