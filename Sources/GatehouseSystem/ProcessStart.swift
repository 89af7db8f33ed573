internal import CGatehouseSystem
internal import Glibc

/// The words that this process was started with, its own name included.
public enum ProcessArguments {
    public static let all = (0..<Int(gatehouse_argument_count())).compactMap { index in
        gatehouse_argument_words()[index].map { String(cString: $0) }
    }
}

/// The environment variables of this process. The environment has no lock: while another thread may change it, it must
/// not be read.
public enum ProcessEnvironment {
    /// All variables.
    public static var all: [String: String] {
        var variables: [String: String] = [:]
        var next = gatehouse_environment()
        while let entry = next?.pointee {
            let pair = String(cString: entry).split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
            if pair.count == 2 { variables[String(pair[0])] = String(pair[1]) }
            next = next.map { $0 + 1 }
        }
        return variables
    }

    /// The value of one variable; `nil` if it is not set.
    public static func value(of name: String) -> String? { getenv(name).map { String(cString: $0) } }

    /// Reads variables and removes them, so that no child process takes them as meant for itself. Call it while the
    /// process has one thread.
    public static func take(_ names: [String]) -> [String: String] {
        var taken: [String: String] = [:]
        for name in names {
            taken[name] = value(of: name)
            unsetenv(name)
        }
        return taken
    }
}
