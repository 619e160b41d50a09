"""Engines that run the definitions: they connect, register the lake's files and run; they hold no formula."""
