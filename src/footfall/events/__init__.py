"""The Event: what it holds, its kinds, how time and money are read, and why one is refused."""
