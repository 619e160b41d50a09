"""The doors: whatever a protocol sends becomes the one Event; 202 once the journal has it."""
