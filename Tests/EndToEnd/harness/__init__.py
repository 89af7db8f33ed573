"""The other side of every test: real processes, real front servers, and raw FastCGI and SCGI bytes."""
