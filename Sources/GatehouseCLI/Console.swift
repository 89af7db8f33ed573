internal import Glibc

/// Lines for the operator, on standard error: standard output is for what a command was asked to print.
enum Console {
    static func say(_ line: String) {
        write("gatehouse: \(line)\n")
    }

    /// For lines that begin with their place, such as `gatehouse.yaml:3:5: ...`: editors jump there.
    static func sayPlaced(_ line: String) {
        write("\(line)\n")
    }

    /// In one call, so that lines of workers, which share this standard error, do not end up inside it.
    private static func write(_ text: String) {
        var rest = Array(text.utf8)[...]
        while !rest.isEmpty {
            let count = rest.withUnsafeBytes { Glibc.write(STDERR_FILENO, $0.baseAddress, $0.count) }
            if count < 0, errno == EINTR { continue }
            guard count > 0 else { return }
            rest = rest.dropFirst(count)
        }
    }
}
