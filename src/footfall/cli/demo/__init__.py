"""What the demonstration plays, how it measures, and what it says of it in the end. The command itself is elsewhere."""
