"""What a door finds out about an event before it is journalled: from the address it came from, so far."""
