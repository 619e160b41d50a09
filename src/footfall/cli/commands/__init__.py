"""One file for each family of commands; `footfall.cli.app` puts them together."""
