"""One self-contained page that reads drawn digits in a browser, without a server."""
