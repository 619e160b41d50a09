"""How long a project's data are kept (`models`), who says so and what was removed since (`service`).

What removing takes is the node's to know.
"""
