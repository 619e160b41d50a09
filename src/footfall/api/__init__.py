"""HTTP: assembly of the doors and the routes, authentication, one error envelope; no formulas and no SQL."""
