"""The lake: events, sessions, alerts and rejected events as Parquet in Delta tables, and what readers see of them."""
