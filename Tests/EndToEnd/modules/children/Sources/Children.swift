import Gatehouse
import Glibc

/// Starts programs, as modules that call converters do, and prints.
@main
struct Children: HandlerModule {
    init(context: ModuleContext) async throws {}

    func routes(_ router: Router<GatewayRequestContext>) {
        router.get("/hello") { _, _ in "hello\n" }
        // A program that outlives its request; its process id.
        router.get("/start") { _, _ in "\(Self.start("exec sleep 1000"))\n" }
        // A program that starts another and ends: the operating system decides which process collects that one.
        router.get("/background") { _, _ in
            let child = Self.start("(exec sleep 0) & exit 0")
            var status: Int32 = 0
            waitpid(child, &status, 0)
            return "\(child)\n"
        }
        // Prints as many bytes as asked, in lines, to standard output and not to the log.
        router.get("/print") { request, _ in
            let line = String(repeating: "p", count: 99)
            for _ in 0..<((request.uri.queryParameters["bytes"].flatMap { Int($0) } ?? 0) / 100) { print(line) }
            return "printed\n"
        }
        // Logs as many lines as asked.
        router.get("/log") { request, context in
            let line = String(repeating: "l", count: 99)
            let count = request.uri.queryParameters["lines"].flatMap { Int($0) } ?? 0
            for _ in 0..<count { context.logger.info("\(line)") }
            return "logged\n"
        }
    }

    private static func start(_ script: String) -> pid_t {
        var pid: pid_t = -1
        var words: [UnsafeMutablePointer<CChar>?] = []
        for word in ["/bin/sh", "-c", script] { words.append(strdup(word)) }
        words.append(nil)
        defer { words.forEach { free($0) } }
        posix_spawn(&pid, "/bin/sh", nil, nil, &words, environ)
        return pid
    }
}
