"""Sessions: their figures and classes written once, folded live over numpy and in batch over Ibis."""
