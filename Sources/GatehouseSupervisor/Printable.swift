import GatehousePlan

/// A text from a worker, made fit for a terminal and a log, and cut where it is longer than a message should be.
func printable(_ text: String, atMost limit: Int = 4_000) -> String {
    text.printable(atMost: limit)
}
