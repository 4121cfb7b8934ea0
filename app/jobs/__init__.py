"""Work behind the request."""
