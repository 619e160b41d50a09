"""Control data: projects, write keys, tokens; SQLAlchemy on SQLite, or PostgreSQL by URL."""
