"""The durable, ordered, replayable log: what is acknowledged is here first."""
