"""What the tests drive: real processes, real front servers, and raw FastCGI and SCGI bytes."""
