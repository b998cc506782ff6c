"""The page that reads digits in a browser, and the service that reads files."""
