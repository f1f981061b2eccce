"""Function URLs: addresses of functions that any HTTP client can call."""
