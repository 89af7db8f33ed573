extension Duration {
    /// The duration in nanoseconds: none if it is negative, at most some hundred and fifty years.
    package var nanoseconds: Int64 {
        let (seconds, attoseconds) = components
        let (product, overflow) = seconds.multipliedReportingOverflow(by: 1_000_000_000)
        if overflow { return seconds < 0 ? 0 : .max / 2 }
        return max(0, min(product, .max / 2) + attoseconds / 1_000_000_000)
    }
}
