"""Pictures of the dashboard's pages in a real browser."""
