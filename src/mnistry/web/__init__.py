"""The page that reads by itself, and the service that reads everything."""
