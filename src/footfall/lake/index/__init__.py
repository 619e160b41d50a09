"""The compact index: the events of one project and day as sorted small integers, beside the lake's files.

It is made from the files and never instead of them: what it does not cover, or what is damaged, is read from the files.
"""
