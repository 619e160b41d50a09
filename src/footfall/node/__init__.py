"""One process's roles on one data folder: taking it, recovering, running, watching, letting go."""
