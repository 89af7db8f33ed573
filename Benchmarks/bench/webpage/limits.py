"""The limits of a page. Ratios are Gatehouse's CPU of a request divided by the peer's: at most."""

PAGE = {"django": 0.15, "php": 0.60}
