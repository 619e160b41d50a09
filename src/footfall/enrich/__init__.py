"""What a door finds out about an event before it is journalled: program, place, channel, rates; and keyed hashes."""
