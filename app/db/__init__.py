"""SQLAlchemy without Flask: models' base, types, spatial layer, sessions, unit of work, jobs."""
