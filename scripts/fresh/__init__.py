"""The demonstration on a fresh machine: a throw-away user, `make demo` under watch, a recording and a judgement.

Needs nothing but Python's own library, for it runs before anything is installed.
"""
