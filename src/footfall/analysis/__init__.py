"""Questions from Python and notebooks: the same as over HTTP and on the command line, with answers that print and plot.

`footfall.open` is the way in. Nothing is computed here.
"""
