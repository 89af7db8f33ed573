import Logging
import Synchronization

/// Lines for an operator about files that are not sent as they have meant it.
enum FileLog {
    /// The values of `GATEHOUSE_SENDFILE` of which this process has spoken: every request has them again.
    private static let said = Mutex<Set<String>>([])
    /// A front server whose variable is made from requests would otherwise fill memory and log.
    private static let most = 16

    /// A value of `GATEHOUSE_SENDFILE` that has no effect, or not all that it should have. Said once.
    static func misspelled(_ text: String, _ problem: String) {
        let isNew = said.withLock { $0.count < most && $0.insert(text).inserted }
        guard isNew else { return }
        logger.warning(
            """
            GATEHOUSE_SENDFILE is \(text.debugDescription): \(problem). The worker sends the files itself. Write \
            "nginx /FOLDER/=/LOCATION/", "lighttpd" or "apache" (Guide/FILES.md, "Downloads")
            """)
    }

    /// A file that is there and that the pool's user may not read; its client gets 404.
    static func forbidden(_ failure: OpenFile.Failure) {
        logger.warning("sendFile: \(failure); answered 404. The pool's user must be able to read it")
    }

    private static var logger: Logger { Logger(label: "gatehouse") }
}
