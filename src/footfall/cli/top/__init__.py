"""`footfall top`, the live view in a terminal: what it knows, how it looks, and the Textual application that shows it.

Everything that draws is a pure function from a `Picture` to text; only `app` and its widgets know Textual.
"""
