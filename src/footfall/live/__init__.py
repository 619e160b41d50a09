"""The live pass: batches of the journal in order, through one pure step, to sessions, the tail and the lake."""
