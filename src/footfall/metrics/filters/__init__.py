"""The one language of filters: what it says (`model`), as text (`text`), about what (`properties`), in Ibis."""
